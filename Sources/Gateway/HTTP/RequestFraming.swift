import NIOHTTP1

extension HTTPRequestHead {
    /// Where its body ends must be beyond doubt: what two readers end at different places, somebody else reads as a
    /// request of its own (RFC 9112 §11.2).
    ///
    /// A body that goes on to a server has no limit. The parser has refused both lengths at once, two lengths, and numbers that are none.
    func checkFraming(bodyLimit: Int?) throws(HTTPRefusal) {
        let encodings = headers["Transfer-Encoding"]
        // Nobody but HTTP/1.1 has chunks, and no client here needs another coding (RFC 9112 §6.1).
        guard encodings.isEmpty || (version == .http1_1 && encodings.map { $0.lowercased() } == ["chunked"])
        else {
            throw HTTPRefusal(
                status: .badRequest,
                reason: "of transfer codings only “chunked” is understood, once, in HTTP/1.1"
            )
        }
        if let bodyLimit, let length = headers.first(name: "Content-Length").flatMap({ Int($0) }),
            length > bodyLimit
        {
            throw HTTPRefusal(status: .payloadTooLarge, reason: "the request's body is too large")
        }
    }
}
