import Foundation
import NIOCore

/// A tag that is not there, in whatever registry: deleted, or never pushed.
struct RegistryMissingTag: HTTPFault {
    static let form = FaultForm(
        "registry.missing-tag",
        "An image's tag is not in the registry",
        [
            FaultForm.Parameter(
                "image",
                "name and tag, or a pattern of them",
                example: "kolla/*:4.0.1"
            )
        ]
    )

    private let image: TextPattern

    init(_ arguments: FaultArguments) throws(FaultError) { image = try arguments.pattern("image") }

    func answer(_ request: HTTPRequest, _ turn: Turn) -> Delivery? {
        guard case .manifest(let name, let tag)? = RegistryPath(request.target.path),
            image.matches("\(name):\(tag)"), let claim = turn.take()
        else { return nil }
        claim.land(["url": request.url, "image": "\(name):\(tag)"])
        return Registry.error(.manifestUnknown, "manifest unknown", source: .fault)
    }

    /// Lists lack it, too.
    func edit(_ delivery: inout Delivery, of request: HTTPRequest, _ turn: Turn) {
        guard case .tags(let name)? = RegistryPath(request.target.path),
            case .bytes(let body) = delivery.body,
            // What is no list of tags has no tag to lack.
            var list = try? JSONDecoder().decode(Registry.Tags.self, from: Data(body.readableBytesView))
        else { return }
        let left = list.tags.filter { !image.matches("\(name):\($0)") }
        guard left.count < list.tags.count, let claim = turn.take() else { return }
        claim.land(["url": request.url])
        list.tags = left
        delivery.body = Registry.json(list, of: request).body
    }
}
