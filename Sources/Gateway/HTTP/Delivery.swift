import NIOCore
import NIOHTTP1

/// What is going to be sent to a client, as a value that faults edit before the first byte leaves.
package struct Delivery: Sendable {
    /// A body that comes piece by piece, each when it is asked for; nil is its end, an error says that it broke off.
    struct Stream: Sendable {
        /// Where it is known beforehand.
        let length: Int?
        let next: @Sendable () async throws -> ByteBuffer?
    }

    enum Body: Sendable {
        case nothing
        case bytes(ByteBuffer)
        case file(OpenFile, Range<Int>)
        case stream(Stream)
    }

    /// How the client learns where the body ends (RFC 9112 §6.3).
    enum Framing: Sendable { case length, chunked, connectionEnd }

    /// Who says it, as the event of the request has it.
    package enum Source: String, Sendable, CaseIterable {
        case origin, registry, cache, uplink, gateway, fault
    }

    package var status: HTTPResponseStatus
    package var headers: HTTPHeaders
    var body: Body
    var source: Source
    /// Why the client does not get what it asked for, for the event of the request.
    var reason: String?
    /// Nil: whichever fits.
    var framing: Framing?
    /// Whether the connection ends behind it.
    var closes = false
    /// Instead of the protocol's version, the status and its reason.
    var statusLine: String?
    /// How its bytes travel to the client.
    var flow = Flow()
    /// All its bytes, of an answer that many get and nobody has edited.
    var kept: KeptAnswer?
    private var isHeadOnly = false

    init(
        status: HTTPResponseStatus,
        headers: HTTPHeaders = HTTPHeaders(),
        body: Body = .nothing,
        source: Source
    ) {
        (self.status, self.headers, self.body, self.source) = (status, headers, body, source)
    }

    /// That there is none of what was asked for, and why.
    static func failure(_ status: HTTPResponseStatus, _ reason: String) -> Delivery {
        var delivery = text(status, "vlab gateway: \(reason)")
        delivery.reason = reason
        return delivery
    }

    static func text(_ status: HTTPResponseStatus, _ text: String, source: Source = .gateway) -> Delivery {
        Delivery(
            status: status,
            headers: ["Content-Type": "text/plain; charset=utf-8"],
            body: .bytes(ByteBuffer(string: text + "\n")),
            source: source
        )
    }

    /// Bytes of the body; nil when nobody knows yet.
    package var length: Int? {
        switch body {
        case .nothing: 0
        case .bytes(let buffer): buffer.readableBytes
        case .file(_, let part): part.count
        case .stream(let stream): stream.length
        }
    }

    /// As the answer to HEAD: the header says how much there would be.
    mutating func leaveOutBody() {
        isHeadOnly = true
        // A server's own answer to HEAD has no body, and says what it says.
        let isOwn = source != .uplink && source != .cache
        if let length, length > 0 || (isOwn && !headers.contains(name: "Content-Length")) {
            headers.replaceOrAdd(name: "Content-Length", value: "\(length)")
        }
        body = .nothing
    }

    /// The fields that every response has; the length stays when it was given before.
    ///
    /// A body of unknown length goes in chunks, and to clients of HTTP/1.0 until the connection ends (RFC 9112 §6.3):
    /// whether the connection may be used again afterwards.
    mutating func complete(keepAlive: Bool, version: HTTPVersion) -> Bool {
        var keepAlive = keepAlive && !closes
        // What is kept says it already.
        if kept != nil, keepAlive, version == .http1_1 { return true }
        kept = nil
        switch framing ?? fitting(version) {
        case .length:
            if let length, !headers.contains(name: "Content-Length") {
                headers.add(name: "Content-Length", value: "\(length)")
            }
        case .chunked:
            headers.remove(name: "Content-Length")
            headers.replaceOrAdd(name: "Transfer-Encoding", value: "chunked")
        case .connectionEnd:
            headers.remove(name: "Content-Length")
            (framing, keepAlive) = (.connectionEnd, false)
        case nil: break
        }
        if !headers.contains(name: "Date") { headers.replaceOrAdd(name: "Date", value: HTTPDate.now) }
        if !headers.contains(name: "Server") { headers.replaceOrAdd(name: "Server", value: "vlab") }
        // Only what differs from the version's habit needs saying (RFC 9112 §9.3).
        if !keepAlive {
            headers.replaceOrAdd(name: "Connection", value: "close")
        } else if version == .http1_0 {
            headers.replaceOrAdd(name: "Connection", value: "keep-alive")
        }
        return keepAlive
    }

    /// Nil where there is no body whose end could be in doubt.
    private func fitting(_ version: HTTPVersion) -> Framing? {
        if isHeadOnly || status == .notModified || status == .noContent { return nil }
        if length != nil || headers.contains(name: "Content-Length") { return .length }
        return version == .http1_0 ? .connectionEnd : .chunked
    }

    /// All its bytes, where the body is in memory.
    func whole(_ body: ByteBuffer) -> ByteBuffer {
        if let kept {
            return kept.bytes {
                var delivery = self
                delivery.kept = nil
                _ = delivery.complete(keepAlive: true, version: .http1_1)
                return delivery.whole(body)
            }
        }
        var whole = head(room: body.readableBytes)
        whole.writeImmutableBuffer(body)
        return whole
    }

    /// The bytes before the body (RFC 9112 §4).
    var head: ByteBuffer { head(room: 0) }

    /// The same with room behind it.
    private func head(room: Int) -> ByteBuffer {
        var buffer = ByteBuffer()
        buffer.reserveCapacity(512 + room)
        buffer.writeString(statusLine ?? "HTTP/1.1 \(status.code) \(status.reasonPhrase)")
        buffer.writeString("\r\n")
        for (name, value) in headers {
            buffer.writeString(name)
            buffer.writeString(": ")
            buffer.writeString(value)
            buffer.writeString("\r\n")
        }
        buffer.writeString("\r\n")
        return buffer
    }
}

extension Delivery.Stream {
    /// Of what is there already.
    init(_ bytes: ByteBuffer) {
        let left = Countdown(bytes.readableBytes)
        self.init(length: bytes.readableBytes) { left.take(.max) > 0 ? bytes : nil }
    }
}
