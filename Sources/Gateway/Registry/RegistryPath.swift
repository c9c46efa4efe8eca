/// What a URL's path asks of a registry (distribution-spec «Endpoints»).
enum RegistryPath: Hashable, Sendable {
    case root
    case catalogue
    case tags(name: String)
    case manifest(name: String, reference: String)
    case blob(name: String, digest: String)

    /// Nil for what is none of a registry's.
    init?(_ path: String) {
        let parts = path.split(separator: "/")
        guard parts.first == "v2" else { return nil }
        let rest = parts.dropFirst()
        if rest.isEmpty {
            self = .root
            return
        }
        if Array(rest) == ["_catalog"] {
            self = .catalogue
            return
        }
        guard rest.count >= 3, let last = rest.last else { return nil }
        let name = rest.dropLast(2).joined(separator: "/")
        switch (rest[rest.endIndex - 2], last) {
        case ("tags", "list"): self = .tags(name: name)
        case ("manifests", _): self = .manifest(name: name, reference: String(last))
        case ("blobs", _): self = .blob(name: name, digest: String(last))
        default: return nil
        }
    }
}
