/// Which responses are kept, and what of them (RFC 9111 §3, as far as it makes sense for a replay).
///
/// A replay has no freshness: what was recorded is served, whatever `Cache-Control` and `Expires` say. Kept are
/// final answers that a server gives again when it is asked again: whole contents, redirections, "not there" and
/// challenges. A part (206, 416), a failure of the moment (408, 429, 5xx) and what only fits the asker's own copy
/// (304, 412) are not.
enum RecordingRules {
    static let statuses: Set<Int> = [200, 203, 204, 300, 301, 302, 303, 307, 308, 401, 404, 410]

    /// Those which say that something is gone.
    static let gone: Set<Int> = [404, 410]

    /// Fields of the connection (RFC 9110 §7.6.1) and of the moment; the length is the blob's.
    private static let dropped: Set = [
        "age", "alt-svc", "connection", "content-length", "date", "keep-alive", "proxy-authenticate",
        "proxy-authentication-info", "proxy-connection", "te", "trailer", "transfer-encoding", "upgrade",
        "via",
    ]

    /// Of requests with a body only git's questions, which do not change anything; of pushes not even how they begin.
    static func keeps(_ request: CacheRequest, status: Int, headers: [HeaderField]) -> Bool {
        guard statuses.contains(status), !headers.list("Vary").contains("*") else { return false }
        switch request.method {
        case "GET", "HEAD":
            return request.bodyDigest == nil && !request.url.hasSuffix("?service=git-receive-pack")
        case "POST": return request.bodyDigest != nil && request.isQuestion
        default: return false
        }
    }

    /// The length that answers HEAD is nowhere else.
    static func kept(_ headers: [HeaderField], of request: CacheRequest) -> [HeaderField] {
        var dropped = dropped.union(headers.list("Connection"))
        if request.method == "HEAD" { dropped.remove("content-length") }
        return headers.filter { !dropped.contains($0.name.lowercased()) }
    }

    /// What the response was chosen by; not who asked, since a replay is for everybody.
    static func vary(_ headers: [HeaderField]) -> [String] {
        headers.list("Vary").filter { $0 != "authorization" }.sorted()
    }
}
