import YAML

/// All kinds of faults that scenarios may use.
package enum FaultKinds {
    /// One kind: how it is written, and who reads it.
    package struct Entry: Sendable {
        package let form: Form
        /// Nil when something in the file is wrong, which the reader then knows.
        let read: @Sendable (FaultSource, inout YAMLReader) -> (any FaultKind)?
    }

    package static let all: [Entry] =
        OutsideFault.entries + [Entry(form: LinkFlap.form) { LinkFlap($0, &$1) }] + BMCMisbehaviour.entries

    package static func named(_ name: String) -> Entry? { all.first { $0.form.name == name } }
}
