import Foundation

/// All responses recorded under one key: a file in `entries`.
struct CacheEntry: Hashable, Sendable, Codable {
    /// So many ways to vary are kept of one URL; the oldest goes first.
    static let limit = 8

    var method: String
    var url: String
    var bodyDigest: String?
    /// The digest by which a release file, or the URL, names the contents; or the set that a release file makes.
    var purpose: String
    var gitProtocol: String?
    /// The newest last.
    var responses: [CachedResponse]

    init(_ request: CacheRequest, purpose: String) {
        (method, url, bodyDigest) = (request.method, request.url, request.bodyDigest)
        gitProtocol = request.headers.first("Git-Protocol")
        (self.purpose, responses) = (purpose, [])
    }

    /// What its file must be called.
    var key: String {
        let fields = gitProtocol.map { [HeaderField("Git-Protocol", $0)] } ?? []
        return CacheRequest(method, url, headers: fields, bodyDigest: bodyDigest).key(purpose)
    }

    /// The response for this request.
    ///
    /// A challenge is for those who come without credentials only.
    func response(to request: CacheRequest) -> CachedResponse? {
        let isAuthorised = !request.headers.values("Authorization").isEmpty
        return responses.last { response in
            (response.status != 401 || !isAuthorised)
                && request.values(of: Array(response.vary.keys)) == response.vary
        }
    }

    /// Takes the place of what this request was answered with before; false when that stays.
    ///
    /// Who asks without credentials is not challenged any more once somebody was let in.
    mutating func add(_ response: CachedResponse) -> Bool {
        let former = responses.firstIndex { $0.vary == response.vary }
        if let former, response.status == 401, responses[former].status != 401 { return false }
        if let former { responses.remove(at: former) }
        responses.append(response)
        if responses.count > Self.limit { responses.removeFirst() }
        return true
    }

    init(decoding data: Data) throws { self = try JSONDecoder().decode(Self.self, from: data) }

    func encoded() throws -> Data {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        return try encoder.encode(self)
    }
}

/// A response without its content, which is the blob of that digest.
package struct CachedResponse: Hashable, Sendable, Codable {
    package let status: Int
    /// Without those of the connection and of the moment.
    package let headers: [HeaderField]
    /// SHA-256 of the content.
    package let digest: String
    /// Bytes of the content.
    package let size: Int
    /// Unix time.
    package let recorded: Int
    /// The values that the request had in the fields that `Vary` names, by name in lower case.
    package let vary: [String: String]
    /// The state of a mirror that it belongs to, as people call it.
    package let set: String?
    /// When it is asked for next it is fetched again; until then, and where there is no way out, it is served.
    package var isToRefresh: Bool?
}
