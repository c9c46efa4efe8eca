/// All kinds of faults that scenarios may use.
package struct FaultCatalogue {
    package static let kinds: [any FaultKind.Type] = [HTTPStall.self, LinkFlap.self, NTPUnreachable.self]

    package static func kind(named name: String) -> (any FaultKind.Type)? {
        kinds.first { $0.form.name == name }
    }
}
