/// A JSON schema of a file of vlab's own, for editors (`# yaml-language-server: $schema=…`) and validators.
package enum PodSchema: String, CaseIterable, Sendable {
    case pod, lab

    /// As it is shipped.
    package var name: String { "\(rawValue).schema.json" }

    package var text: String {
        let bytes =
            switch self {
            case .pod: PackageResources.pod_schema_json
            case .lab: PackageResources.lab_schema_json
            }
        return String(decoding: bytes, as: UTF8.self)
    }
}
