/// What a kind of fault or of expectation is called, what it does and which keys it takes: for the reader, for
/// `vlab lint` and for its list of kinds.
package struct Form: Sendable {
    /// One key.
    package struct Field: Sendable, Hashable {
        package var name: String
        package var summary: String
        package var required: Bool

        package init(_ name: String, _ summary: String, required: Bool = false) {
            (self.name, self.summary, self.required) = (name, summary, required)
        }
    }

    package var name: String
    /// A sentence without its full stop.
    package var summary: String
    /// Keys by the section they belong to: `where`, `args`, `when`, `until`; an expectation's under its own name.
    package var sections: [(name: String, fields: [Field])]

    package init(_ name: String, _ summary: String, _ sections: [(name: String, fields: [Field])]) {
        (self.name, self.summary, self.sections) = (name, summary, sections)
    }

    func fields(_ section: String) -> [Field] { sections.first { $0.name == section }?.fields ?? [] }
}
