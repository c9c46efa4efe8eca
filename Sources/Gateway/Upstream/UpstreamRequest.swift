import NIOCore
import NIOHTTP1

/// A server outside, as connections to it are shared.
struct UpstreamServer: Hashable, Sendable {
    /// A name, or an address without brackets.
    let host: String
    let port: Int
    let scheme: HTTPRequest.Scheme
}

/// What is asked of a server outside.
struct UpstreamRequest: Sendable {
    let server: UpstreamServer
    let method: HTTPMethod
    /// The whole URL, for proxies that are asked in absolute form.
    let url: String
    /// Path and query, as they were sent.
    let target: String
    /// End to end only.
    var headers: HTTPHeaders
    let body: Delivery.Stream?

    /// As the client asked, without what concerns only its connection to the gateway.
    init(_ request: HTTPRequest, body: Delivery.Stream?) {
        server = UpstreamServer(host: request.dialled, port: request.port, scheme: request.scheme)
        method = request.head.method
        (url, target) = (request.url, request.target.raw)
        var headers = request.head.headers.endToEnd
        // The answer to it is the gateway's.
        headers.remove(name: "Expect")
        headers.remove(name: "Host")
        if let body, body.length == nil {
            headers.remove(name: "Content-Length")
            headers.add(name: "Transfer-Encoding", value: "chunked")
        } else if body == nil, [.POST, .PUT, .PATCH].contains(method) {
            headers.replaceOrAdd(name: "Content-Length", value: "0")
        }
        var all: HTTPHeaders = ["Host": request.authority]
        all.add(contentsOf: headers)
        (self.headers, self.body) = (all, body)
    }

    /// Whether it may be sent once more when nobody knows what became of it (RFC 9110 §9.2.2, RFC 9112 §9.3.1).
    var mayBeRepeated: Bool {
        let isIdempotent = [.GET, .HEAD, .OPTIONS, .TRACE, .PUT, .DELETE].contains(method)
        return isIdempotent && body == nil
    }
}

/// What a server outside answers: its head, and a body that comes as it is asked for.
struct UpstreamResponse: Sendable {
    let head: HTTPResponseHead
    let body: Delivery.Stream
    /// All of the body, when it came with the head.
    let whole: ByteBuffer?

    /// For the client: without what concerns only the connection to the server.
    var delivery: Delivery {
        let body = whole.map { $0.readableBytes == 0 ? .nothing : .bytes($0) } ?? Delivery.Body.stream(body)
        return Delivery(status: head.status, headers: head.headers.endToEnd, body: body, source: .uplink)
    }
}

extension HTTPHeaders {
    /// Of one connection, whatever Connection names (RFC 9110 §7.6.1).
    private static let hopByHop = [
        "connection", "keep-alive", "proxy-connection", "proxy-authorization", "te", "trailer",
        "transfer-encoding", "upgrade",
    ]

    /// Without the fields of one connection: those that are known, and those that Connection names.
    var endToEnd: HTTPHeaders {
        let named = self[canonicalForm: "Connection"]
        return HTTPHeaders(
            filter { field in
                !Self.hopByHop.contains { field.name.isEqual(to: $0) }
                    && !named.contains { field.name.isEqual(to: $0) }
            }
        )
    }
}

extension StringProtocol {
    /// But for the case of letters, as fields' names are (RFC 9110 §5.1).
    fileprivate func isEqual(to other: some StringProtocol) -> Bool {
        utf8.count == other.utf8.count && zip(utf8, other.utf8).allSatisfy { $0 | 0x20 == $1 | 0x20 }
    }
}
