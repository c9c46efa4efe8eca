import NIOCore
import Synchronization

/// Connections to servers outside that wait for another request.
final class UpstreamPool: Sendable {
    private struct Resting {
        let connection: UpstreamConnection
        let until: NIODeadline
    }

    private struct State {
        var resting: [UpstreamServer: [Resting]] = [:]
        /// One for all of them; none when there are none.
        var timer: Scheduled<Void>?
        var isClosed = false

        var count: Int { resting.values.reduce(0) { $0 + $1.count } }
    }

    /// How long a connection rests: less than servers usually have patience.
    private let limit: TimeAmount
    private let atMost: Int
    private let state = Mutex(State())

    init(limit: TimeAmount = .seconds(15), atMost: Int = 64) { (self.limit, self.atMost) = (limit, atMost) }

    /// The one that rested for the shortest time on that event loop, so that nothing of an answer changes threads, else on
    /// another one; its server may have left meanwhile.
    func take(_ server: UpstreamServer, on loop: any EventLoop) -> UpstreamConnection? {
        state.withLock { state in
            let own = state.resting[server]?.lastIndex { $0.connection.channel.eventLoop === loop }
            let index = own ?? state.resting[server]?.indices.last
            return index.flatMap { state.resting[server]?.remove(at: $0) }?.connection
        }
    }

    /// Its answer is complete, and it may be used again.
    func put(_ connection: UpstreamConnection, _ server: UpstreamServer) {
        let isKept = state.withLock { state in
            guard !state.isClosed, state.count < atMost else { return false }
            state.resting[server, default: []].append(Resting(connection: connection, until: .now() + limit))
            if state.timer == nil { state.timer = schedule(limit, on: connection.channel.eventLoop) }
            return true
        }
        if !isKept { connection.close() }
    }

    /// Closes all that rest, and those that come.
    func close() {
        let all = state.withLock { state in
            state.isClosed = true
            state.timer?.cancel()
            defer { state.resting = [:] }
            return state.resting.values.flatMap(\.self)
        }
        for resting in all { resting.connection.close() }
    }

    private func schedule(_ delay: TimeAmount, on loop: any EventLoop) -> Scheduled<Void> {
        loop.scheduleTask(in: delay) { [weak self] in self?.sweep(loop) }
    }

    private func sweep(_ loop: any EventLoop) {
        let now = NIODeadline.now()
        let over = state.withLock { state in
            let all = state.resting.values.flatMap(\.self)
            state.resting = state.resting.mapValues { $0.filter { $0.until > now } }.filter {
                !$0.value.isEmpty
            }
            let next = all.map(\.until).filter { $0 > now }.min()
            state.timer = next.map { schedule($0 - now, on: loop) }
            return all.filter { $0.until <= now }
        }
        for resting in over { resting.connection.close() }
    }
}
