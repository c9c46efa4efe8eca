import NIOCore
import NIOHTTP1

/// The requests of one connection: head by head, and between two heads a body, piece by piece.
// SAFETY: used by the connection's task alone, one call after the other.
final class RequestReader: @unchecked Sendable {
    private var parts: NIOAsyncChannelInboundStream<HTTPServerRequestPart>.AsyncIterator
    /// All of the last request has come.
    private(set) var isComplete = true

    init(_ inbound: NIOAsyncChannelInboundStream<HTTPServerRequestPart>) {
        parts = inbound.makeAsyncIterator()
    }

    /// Nil at the end of the connection.
    @concurrent
    func head() async throws -> HTTPRequestHead? {
        guard case .head(let head)? = try await parts.next() else { return nil }
        isComplete = false
        return head
    }

    /// More of the body; nil at its end.
    @concurrent
    func piece() async throws -> ByteBuffer? {
        guard !isComplete else { return nil }
        switch try await parts.next() {
        case .body(let piece): return piece
        case .end:
            isComplete = true
            return nil
        case .head, nil: throw UpstreamError.requestBrokenOff
        }
    }
}
