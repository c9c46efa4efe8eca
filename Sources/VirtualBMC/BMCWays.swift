import LabModel
import NIOCore

/// The sockets that a BMC listens at: one, or while it moves the old one and the new one.
struct BMCWays {
    var open: [(number: UInt8, address: IPv4Address, channel: any Channel)] = [] {
        didSet {
            let addresses = addresses
            watchers.removeAll { if case .terminated = $0.yield(addresses) { true } else { false } }
        }
    }
    var next: UInt8 = 0
    private var watchers: [AsyncStream<Set<IPv4Address>>.Continuation] = []

    private var addresses: Set<IPv4Address> { Set(open.map(\.address)) }

    /// Where it listens now, and whenever that has changed.
    mutating func watch() -> AsyncStream<Set<IPv4Address>> {
        let (stream, watcher) = AsyncStream.makeStream(
            of: Set<IPv4Address>.self,
            bufferingPolicy: .bufferingNewest(1)
        )
        watcher.yield(addresses)
        watchers.append(watcher)
        return stream
    }
}
