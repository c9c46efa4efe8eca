import Foundation
import NIOCore
import NIOHTTP1

/// A registry of container images: folders in the OCI image layout, served as the OCI distribution specification says.
///
/// `folder/kolla/heka` with its `index.json` is the repository `kolla/heka`; its tags are the layout's
/// `org.opencontainers.image.ref.name` annotations. It can be pulled from, not pushed to.
package struct Registry: Hashable, Sendable {
    /// The lab's own registry.
    package static let host = "registry.vlab.test"

    /// The specification's codes (distribution-spec §4, «Error Codes»).
    enum Problem: String, Sendable {
        case blobUnknown = "BLOB_UNKNOWN"
        case digestInvalid = "DIGEST_INVALID"
        case manifestUnknown = "MANIFEST_UNKNOWN"
        case nameUnknown = "NAME_UNKNOWN"
        case unsupported = "UNSUPPORTED"

        var status: HTTPResponseStatus {
            switch self {
            case .blobUnknown, .manifestUnknown, .nameUnknown: .notFound
            case .digestInvalid: .badRequest
            case .unsupported: .methodNotAllowed
            }
        }
    }

    /// Names of the server, in lower case.
    package var hosts: Set<String>
    package var folder: String

    package init(hosts: Set<String> = [host], folder: String) {
        self.hosts = Set(hosts.map { $0.lowercased() })
        self.folder = folder
    }

    func answer(_ request: HTTPRequest) -> Delivery {
        let head = request.head
        guard head.method == .GET || head.method == .HEAD else {
            var refusal = Self.error(.unsupported, "images are pulled from here, not pushed")
            refusal.headers.replaceOrAdd(name: "Allow", value: "GET, HEAD")
            return refusal
        }
        switch RegistryPath(request.target.path) {
        case .root: return Self.json([String: String](), of: request)
        case .catalogue:
            return page(of: repositories, request) { Catalogue(repositories: $0) }
        case .tags(let name):
            guard let layout = layout(name) else { return unknown(name) }
            return page(of: layout.tags, request) { Tags(name: name, tags: $0) }
        case .manifest(let name, let reference):
            guard let layout = layout(name) else { return unknown(name) }
            guard let found = layout.manifest(reference) else {
                return Self.error(.manifestUnknown, "\(name) has no \(reference)")
            }
            return file(found.digest, found.mediaType, layout, request)
        case .blob(let name, let digest):
            guard let layout = layout(name) else { return unknown(name) }
            guard ImageLayout.path(of: digest) != nil else {
                return Self.error(.digestInvalid, "\(digest) is no digest that is known here")
            }
            return file(digest, "application/octet-stream", layout, request)
        case nil: return .text(.notFound, "vlab gateway: the registry has no \(request.target.path)")
        }
    }

    private func file(
        _ digest: String,
        _ mediaType: String,
        _ layout: ImageLayout,
        _ request: HTTPRequest
    ) -> Delivery {
        guard let path = ImageLayout.path(of: digest),
            // What cannot be opened is as good as not there.
            let file = try? OpenFile(path[...], in: layout.folder)
        else { return Self.error(.blobUnknown, "there is no \(digest)") }
        let headers: HTTPHeaders = [
            "Content-Type": mediaType, "Docker-Content-Digest": digest, "ETag": "\"\(digest)\"",
        ]
        let about = FileAnswer.Description(size: file.size, headers: headers, source: .registry)
        return FileAnswer(about, file, to: request).delivery
    }

    private func layout(_ name: String) -> ImageLayout? { ImageLayout(folder + "/" + name) }

    private func unknown(_ name: String) -> Delivery {
        Self.error(.nameUnknown, "there is no repository \(name)")
    }

    /// All repositories by name: folders that have an index.
    private var repositories: [String] {
        let found = FileManager.default.enumerator(atPath: folder)
        var names: [String] = []
        while let path = found?.nextObject() as? String {
            if path.hasSuffix("/index.json") { names.append(String(path.dropLast("/index.json".count))) }
            if path.hasSuffix("/blobs") { found?.skipDescendants() }
        }
        return names.sorted()
    }

    /// As many as the client wants at once, behind the one that it had last (distribution-spec «Listing Tags»).
    private func page(
        of all: [String],
        _ request: HTTPRequest,
        _ content: ([String]) -> some Encodable
    ) -> Delivery {
        let query = URLComponents(string: request.target.raw)?.queryItems ?? []
        func value(_ name: String) -> String? { query.first { $0.name == name }?.value }
        let rest = value("last").map { last in all.filter { $0 > last } } ?? all
        let count = value("n").flatMap { Int($0) }.map { max(0, $0) } ?? rest.count
        let page = Array(rest.prefix(count))
        var delivery = Self.json(content(page), of: request)
        if let last = page.last, page.count < rest.count {
            let next = "<\(request.target.path)?n=\(count)&last=\(last)>; rel=\"next\""
            delivery.headers.add(name: "Link", value: next)
        }
        return delivery
    }

    private struct Catalogue: Encodable { var repositories: [String] }

    /// What a list of tags says.
    struct Tags: Codable {
        var name: String
        var tags: [String]
    }

    static func json(_ value: some Encodable, of request: HTTPRequest) -> Delivery {
        Delivery(
            status: .ok,
            headers: [
                "Content-Type": "application/json", "Docker-Distribution-Api-Version": "registry/2.0",
            ],
            body: .bytes(encoded(value)),
            source: .registry
        )
    }

    static func error(
        _ problem: Problem,
        _ message: String,
        source: Delivery.Source = .registry
    ) -> Delivery {
        let error = ["code": problem.rawValue, "message": message]
        return Delivery(
            status: problem.status,
            headers: ["Content-Type": "application/json"],
            body: .bytes(encoded(["errors": [error]])),
            source: source
        )
    }

    private static func encoded(_ value: some Encodable) -> ByteBuffer {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        // Of texts and lists of texts there is nothing that cannot be encoded.
        return ByteBuffer(bytes: (try? encoder.encode(value)) ?? Data())
    }
}
