/// What is asked for, as far as it decides which recorded response answers.
package struct CacheRequest: Hashable, Sendable {
    package let method: String
    /// Absolute, with scheme and host in lower case, without a default port or a fragment.
    package let url: String
    package let headers: [HeaderField]
    /// SHA-256 of the request's body; nil when it has none.
    package let bodyDigest: String?

    package init(_ method: String, _ url: String, headers: [HeaderField] = [], bodyDigest: String? = nil) {
        (self.method, self.url) = (method, Self.normalised(url))
        (self.headers, self.bodyDigest) = (headers, bodyDigest)
    }

    /// The same with the body itself; nil when it has none.
    package init(_ method: String, _ url: String, headers: [HeaderField], body: [UInt8]?) {
        self.init(method, url, headers: headers, bodyDigest: body.map { Digest.hex(of: $0) })
    }

    /// Whether its body asks for something: what a fetch of git's wants, and not what a push brings.
    package var isQuestion: Bool {
        method == "POST"
            && headers.first("Content-Type")?.hasPrefix("application/x-git-upload-pack-request") == true
    }

    /// Where the response lies, one of several when a release file names it by a digest.
    ///
    /// Two requests of one key differ at most in the fields that `Vary` names. Git answers by its version field, and
    /// does not say so in `Vary`.
    func key(_ purpose: String = "") -> String {
        let git = headers.first("Git-Protocol") ?? ""
        return Digest.hex(of: [method, url, bodyDigest ?? "", git, purpose].joined(separator: "\n"))
    }

    /// Requests of one such key are answered by one download while it runs.
    ///
    /// Which fields the response varies with is not known yet, so all that servers commonly choose by count.
    func sharingKey(_ purpose: String) -> String {
        let fields = [
            "Accept", "Accept-Encoding", "Accept-Language", "User-Agent", "Cookie", "Authorization",
        ]
        let values = fields.map { headers.values($0).joined(separator: ",") }
        return ([key(purpose)] + values).joined(separator: "\n")
    }

    /// The values of the fields that a response varies with.
    func values(of names: [String]) -> [String: String] {
        Dictionary(names.map { ($0, headers.values($0).joined(separator: ", ")) }) { first, _ in first }
    }

    private static func normalised(_ url: String) -> String {
        let text = url.prefix { $0 != "#" }
        guard let colon = text.firstPlace(of: "://") else { return String(text) }
        let scheme = text[..<colon.lowerBound].lowercased()
        let rest = text[colon.upperBound...]
        let end = rest.firstIndex { $0 == "/" || $0 == "?" } ?? rest.endIndex
        var authority = rest[..<end].lowercased()
        for (name, port) in [("http", ":80"), ("https", ":443")] where scheme == name {
            if authority.hasSuffix(port) { authority.removeLast(port.count) }
        }
        let path = rest[end...]
        return "\(scheme)://\(authority)\(path.hasPrefix("/") ? "" : "/")\(path)"
    }
}
