import NIOHTTP1

/// A folder that plays a web server: `http://mirror-a.vlab.test/images/…` is what the folder has.
package struct Origin: Hashable, Sendable {
    /// Names of the server, in lower case.
    package var hosts: Set<String>
    /// The part of the path that stands for the folder, with a slash at both ends: `/images/`.
    package var prefix: String
    package var folder: String

    package init(hosts: Set<String>, prefix: String = "/", folder: String) {
        self.hosts = Set(hosts.map { $0.lowercased() })
        var inner = prefix[...]
        while inner.hasPrefix("/") { inner.removeFirst() }
        while inner.hasSuffix("/") { inner.removeLast() }
        self.prefix = inner.isEmpty ? "/" : "/\(inner)/"
        self.folder = folder
    }
}

/// Finds what the outside world answers to a request, before any fault.
struct OriginTable: Sendable {
    /// By host, each one's with the longest prefix first.
    private let origins: [String: [Origin]]
    private let registry: Registry?
    private let own: OwnSite
    private let files = ServedFiles()

    init(_ origins: [Origin], _ registry: Registry? = nil, own: OwnSite) {
        (self.registry, self.own) = (registry, own)
        self.origins = origins.sorted { $0.prefix.utf8.count > $1.prefix.utf8.count }
            .reduce(into: [:]) { table, origin in
                for host in origin.hosts { table[host, default: []].append(origin) }
            }
    }

    /// Whether a server of that name is the lab's own.
    func serve(_ host: String) -> Bool {
        origins[host] != nil || host == OwnSite.host || registry?.hosts.contains(host) == true
    }

    /// Whether a request is for a server of the lab's own.
    func serve(_ request: HTTPRequest) -> Bool {
        request.port == request.scheme.port && serve(request.target.host)
    }

    func answer(_ request: HTTPRequest) -> Delivery {
        let target = request.target
        // A registry is asked at any port.
        if let registry, registry.hosts.contains(target.host) {
            return target.isProper ? registry.answer(request) : Self.malformed(target)
        }
        let isUsualPort = request.port == request.scheme.port
        let served = isUsualPort ? origins[target.host] ?? [] : []
        let isOwn = isUsualPort && target.host == OwnSite.host
        guard isOwn || !served.isEmpty else {
            return .failure(
                .badGateway,
                "\(target.host) is outside the lab, and there is no uplink: nothing leaves the lab"
            )
        }
        guard target.isProper else { return Self.malformed(target) }
        guard request.head.method == .GET || request.head.method == .HEAD else {
            var refusal = Delivery.text(
                .methodNotAllowed,
                "vlab gateway: \(target.host) serves files: GET and HEAD only, not \(request.head.method.rawValue)"
            )
            refusal.headers.replaceOrAdd(name: "Allow", value: "GET, HEAD")
            return refusal
        }
        if isOwn { return own.answer(request) }
        guard let origin = served.first(where: { target.path.hasPrefix($0.prefix) }) else {
            return .text(.notFound, "vlab gateway: \(target.host) has no \(target.path)")
        }
        do {
            let path = Substring(target.path.utf8.dropFirst(origin.prefix.utf8.count))
            return try files.answer(request, path, in: origin.folder)
        } catch {
            return .text(.notFound, "vlab gateway: \(target.host) has no \(target.path): \(error)")
        }
    }

    private static func malformed(_ target: RequestTarget) -> Delivery {
        .text(.badRequest, "vlab gateway: the path \(target.raw) is malformed")
    }
}
