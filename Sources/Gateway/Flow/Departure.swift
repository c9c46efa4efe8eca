import NIOCore
import Synchronization

/// Lets go what is held when the client leaves.
///
/// One a stream and not one a wait: what waits for a connection's end cannot be forgotten before that end.
final class Departure: Sendable {
    private struct State {
        var isWatched = false
        var hasLeft = false
        var hold: Hold?
    }

    private let channel: any Channel
    private let state = Mutex(State())

    init(of channel: any Channel) { self.channel = channel }

    /// Replaces what was released before.
    func releases(_ hold: Hold?) {
        let (isFirst, hasLeft) = state.withLock { state in
            defer { state.isWatched = true }
            state.hold = hold
            return (!state.isWatched, state.hasLeft)
        }
        if isFirst { channel.closeFuture.whenComplete { _ in self.leave() } }
        if hasLeft { hold?.release(.clientLeft) }
    }

    private func leave() {
        let hold = state.withLock { state in
            state.hasLeft = true
            return state.hold
        }
        hold?.release(.clientLeft)
    }
}
