import Foundation

/// A folder in the OCI image layout, read anew for each request: images come and go while a lab runs.
struct ImageLayout: Sendable {
    /// What the layout says of a manifest (image-spec «OCI Content Descriptors»).
    struct Descriptor: Hashable, Sendable, Decodable {
        var mediaType: String?
        var digest: String
        var annotations: [String: String]?

        var tag: String? { annotations?["org.opencontainers.image.ref.name"] }
    }

    private struct Index: Decodable { var manifests: [Descriptor] }

    /// What tells the kind of a manifest that the index does not name.
    private struct Manifest: Decodable {
        struct Part: Decodable {}
        var mediaType: String?
        var config: Part?
    }

    private static let manifestType = "application/vnd.oci.image.manifest.v1+json"
    private static let indexType = "application/vnd.oci.image.index.v1+json"

    let folder: String
    private let descriptors: [Descriptor]

    /// Nil where there is none that can be read.
    init?(_ folder: String) {
        guard let data = FileManager.default.contents(atPath: folder + "/index.json"),
            // As said above.
            let index = try? JSONDecoder().decode(Index.self, from: data)
        else { return nil }
        (self.folder, descriptors) = (folder, index.manifests)
    }

    var tags: [String] { descriptors.compactMap(\.tag).sorted() }

    /// By its tag or its digest.
    func manifest(_ reference: String) -> (digest: String, mediaType: String)? {
        if let known = descriptors.last(where: { $0.tag == reference || $0.digest == reference }) {
            return (known.digest, known.mediaType ?? Self.manifestType)
        }
        // Not in the index: one of an image for several platforms, which their list names.
        guard let path = Self.path(of: reference),
            let data = FileManager.default.contents(atPath: "\(folder)/\(path)"), data.count <= 4 << 20,
            // A layer is no manifest.
            let manifest = try? JSONDecoder().decode(Manifest.self, from: data)
        else { return nil }
        return (
            reference, manifest.mediaType ?? (manifest.config == nil ? Self.indexType : Self.manifestType)
        )
    }

    /// Where a content lies in a layout; nil for what is no digest that layouts use.
    static func path(of digest: String) -> String? {
        let hex = digest.dropFirst("sha256:".count)
        let isHex = hex.utf8.allSatisfy { (0x30...0x39).contains($0) || (0x61...0x66).contains($0) }
        return digest.hasPrefix("sha256:") && hex.utf8.count == 64 && isHex ? "blobs/sha256/\(hex)" : nil
    }
}
