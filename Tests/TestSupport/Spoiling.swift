import Testing

/// What is changed in a good file, and what must be said of it.
package struct Spoiling: CustomTestStringConvertible, Sendable {
    private let old: String
    private let new: String
    package let problems: [String]
    package var testDescription: String { new }

    package init(_ old: String, _ new: String, _ problems: String...) {
        (self.old, self.new, self.problems) = (old, new, problems)
    }

    /// The changed file; the test fails when it has nothing to change.
    package func made(in text: String) -> String {
        #expect(text.contains(old))
        return text.replacing(old, with: new)
    }
}
