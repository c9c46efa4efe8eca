import NIOCore
import Synchronization

/// A request on its way up to the server, as faults have it.
// SAFETY: used by the connection's task alone, one call after the other.
final class Upload: @unchecked Sendable {
    private let requests: LentRequests
    /// Nil where nothing is to happen on the way.
    private var pump: Pump?
    private var arrived: Arrived?
    private let headLength: Int
    private var isOver = false

    /// What the pump has let through of the body.
    private final class Arrived: Sendable {
        let pieces = Mutex<CircularBuffer<ByteBuffer>>([])
    }

    init(_ requests: LentRequests, _ flow: Flow, _ request: HTTPRequest, on channel: any Channel) {
        (self.requests, headLength) = (requests, request.headLength)
        guard !flow.isPlain else { return }
        let (arrived, head) = (Arrived(), Countdown(headLength))
        self.arrived = arrived
        pump = Pump(flow, header: headLength, channel: channel, url: request.url) { piece in
            // The head itself is known already: only its time counts.
            guard head.take(piece.count) == 0, case .bytes(let bytes) = piece else { return }
            arrived.pieces.withLock { $0.append(bytes) }
        }
    }

    /// The head travels.
    func begin() async throws { try await pump?.send(.bytes(ByteBuffer(repeating: 0, count: headLength))) }

    /// More of the body, when it has arrived; nil at its end.
    func next() async throws -> ByteBuffer? {
        guard let arrived else { return try await requests.piece() }
        while true {
            if let piece = arrived.pieces.withLock({ $0.popFirst() }) { return piece }
            guard !isOver else { return nil }
            if let piece = try await requests.piece() {
                try await pump?.send(.bytes(piece))
            } else {
                isOver = true
                try await pump?.finish()
            }
        }
    }
}
