import NIOCore
import Synchronization

/// What has come and may not go on yet, each piece with the moment when it came: between one task that puts and one
/// that takes.
///
/// A delay needs it: who reads on only when the last piece has left makes the line slow, not late.
final class ReadAhead: Sendable {
    struct Arrival: Sendable {
        let buffer: ByteBuffer
        let moment: NIODeadline
    }

    private struct State {
        var waiting = CircularBuffer<Arrival>()
        var bytes = 0
        var end: Result<Void, any Error>?
        var putter: CheckedContinuation<Void, Never>?
        var taker: CheckedContinuation<Void, Never>?
    }

    /// A tenth of a second at 160 MB a second.
    private static let limit = 16 << 20
    private let state = Mutex(State())

    /// Returns when there is room for more.
    func put(_ arrival: Arrival) async {
        await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let (taker, hasRoom) = state.withLock { state in
                    state.waiting.append(arrival)
                    state.bytes += arrival.buffer.readableBytes
                    defer { state.taker = nil }
                    let hasRoom = state.bytes < Self.limit || state.end != nil
                    if !hasRoom { state.putter = continuation }
                    return (state.taker, hasRoom)
                }
                taker?.resume()
                if hasRoom { continuation.resume() }
            }
        } onCancel: {
            end(.failure(CancellationError()))
        }
    }

    /// Nothing more comes; an error is thrown to the taker behind all that came.
    func end(_ result: Result<Void, any Error>) {
        let (putter, taker) = state.withLock { state in
            defer { (state.putter, state.taker) = (nil, nil) }
            state.end = state.end ?? result
            return (state.putter, state.taker)
        }
        putter?.resume()
        taker?.resume()
    }

    /// Nil behind the last one.
    func take() async throws -> Arrival? {
        await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let isNow = state.withLock { state in
                    if !state.waiting.isEmpty || state.end != nil { return true }
                    state.taker = continuation
                    return false
                }
                if isNow { continuation.resume() }
            }
        } onCancel: {
            end(.failure(CancellationError()))
        }
        let (arrival, last, putter) = state.withLock { state in
            guard !state.waiting.isEmpty else {
                return (nil as Arrival?, state.end, nil as CheckedContinuation<Void, Never>?)
            }
            defer { state.putter = nil }
            let arrival = state.waiting.removeFirst()
            state.bytes -= arrival.buffer.readableBytes
            return (arrival, nil, state.putter)
        }
        putter?.resume()
        try last?.get()
        return arrival
    }
}
