import NIOCore
import NIOHTTP1

/// What is going to be sent to a client, as a value that faults edit before the first byte leaves.
package struct Delivery: Sendable {
    enum Body: Sendable {
        case nothing
        case bytes(ByteBuffer)
        case file(OpenFile, Range<Int>)
    }

    /// Something that happens between two bytes of the body.
    struct Mark: Sendable {
        let offset: Int
        let act: @Sendable (Transfer) async -> Void
    }

    package var status: HTTPResponseStatus
    package var headers: HTTPHeaders
    var body: Body
    /// By offset; those of one offset in the order in which they were set.
    private(set) var marks: [Mark] = []

    init(status: HTTPResponseStatus, headers: HTTPHeaders = HTTPHeaders(), body: Body = .nothing) {
        (self.status, self.headers, self.body) = (status, headers, body)
    }

    static func text(_ status: HTTPResponseStatus, _ text: String) -> Delivery {
        Delivery(
            status: status,
            headers: ["Content-Type": "text/plain; charset=utf-8"],
            body: .bytes(ByteBuffer(string: text + "\n"))
        )
    }

    /// Bytes of the body.
    package var length: Int {
        switch body {
        case .nothing: 0
        case .bytes(let buffer): buffer.readableBytes
        case .file(_, let part): part.count
        }
    }

    /// As the answer to HEAD: the header says how much there would be.
    mutating func leaveOutBody() {
        headers.replaceOrAdd(name: "Content-Length", value: "\(length)")
        body = .nothing
    }

    /// The fields that every response has; the length stays when it was given before.
    mutating func complete(keepAlive: Bool, version: HTTPVersion) {
        let hasNoLength = status == .notModified || status == .noContent
        if !hasNoLength, !headers.contains(name: "Content-Length") {
            headers.replaceOrAdd(name: "Content-Length", value: "\(length)")
        }
        headers.replaceOrAdd(name: "Date", value: HTTPDate.now)
        headers.replaceOrAdd(name: "Server", value: "vlab")
        // Only what differs from the version's habit needs saying (RFC 9112 §9.3).
        if !keepAlive {
            headers.replaceOrAdd(name: "Connection", value: "close")
        } else if version == .http1_0 {
            headers.replaceOrAdd(name: "Connection", value: "keep-alive")
        }
    }

    /// Exactly `offset` bytes of the body have left when `act` begins, and none more do until it ends.
    mutating func mark(_ offset: Int, _ act: @escaping @Sendable (Transfer) async -> Void) {
        let position = marks.firstIndex { $0.offset > offset } ?? marks.endIndex
        marks.insert(Mark(offset: offset, act: act), at: position)
    }
}
