import YAML

/// All kinds of faults that scenarios may use.
package struct FaultCatalogue {
    /// One kind: how it is written, and who reads it.
    package struct Entry: Sendable {
        package let form: Form
        /// Nil when something in the file is wrong, which the reader then knows.
        let read: @Sendable (FaultSource, inout YAMLReader) -> (any FaultKind)?
    }

    package static let kinds: [Entry] =
        [
            Entry(form: HTTPStall.form) { HTTPStall($0, &$1) },
            Entry(form: LinkFlap.form) { LinkFlap($0, &$1) },
            Entry(form: NTPUnreachable.form) { NTPUnreachable($0, &$1) },
        ] + BMCMisbehaviour.entries

    package static func kind(named name: String) -> Entry? {
        kinds.first { $0.form.name == name }
    }
}
