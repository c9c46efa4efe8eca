import Glibc

/// When a piece of work that blocks its thread is given up.
struct Deadline {
    private let end: ContinuousClock.Instant
    let limit: Duration

    init(after limit: Duration) { (end, self.limit) = (.now + limit, limit) }

    var remaining: Duration { max(end - .now, .zero) }
    var hasPassed: Bool { remaining == .zero }

    /// For poll(2), rounded up so that the last fraction of a millisecond does not spin.
    func milliseconds(atMost limit: Duration? = nil) -> Int32 {
        Int32(clamping: Int((min(remaining, limit ?? remaining) / .milliseconds(1)).rounded(.up)))
    }
}

/// Waits until something has happened to one of the sockets, or that time is over; a signal ends the wait early.
func poll(_ sockets: inout [pollfd], milliseconds: Int32) {
    guard Glibc.poll(&sockets, nfds_t(sockets.count), milliseconds) < 0 else { return }
    for index in sockets.indices { sockets[index].revents = 0 }
}

extension pollfd {
    init(_ socket: Int32, _ events: Int32) { self.init(fd: socket, events: Int16(events), revents: 0) }

    /// What was waited for, or the socket's end: trying tells which.
    var isDue: Bool { revents != 0 }
}
