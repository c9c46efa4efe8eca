import LabModel
import NIOCore

/// Whom a client wanted to reach before the packet filter sent it here.
struct OriginalDestination: Hashable, Sendable {
    let address: IPAddress
    let port: Int

    /// Nil when the connection was made to the gateway itself.
    ///
    /// To be asked on the channel's loop while it is new: of a connection that is gone nobody knows it any more.
    static func find(of channel: any Channel) -> EventLoopFuture<OriginalDestination?> {
        guard let local = channel.localAddress, let own = IPAddress(local) else {
            return channel.eventLoop.makeSucceededFuture(nil)
        }
        let found: EventLoopFuture<OriginalDestination> =
            switch own {
            // SO_ORIGINAL_DST of <linux/netfilter_ipv4.h>.
            case .v4: option(80, .ip, of: channel) { (raw: RawIPv4) in Self(.v4(raw.value), raw.port) }
            // IP6T_SO_ORIGINAL_DST of <linux/netfilter_ipv6/ip6_tables.h>.
            case .v6: option(80, .ipv6, of: channel) { (raw: RawIPv6) in Self(.v6(raw.value), raw.port) }
            }
        return found.map { $0.address == own && $0.port == local.port ? nil : $0 }
            // ENOENT where no packet filter keeps track of connections: then nothing was redirected either.
            .recover { _ in nil }
    }

    private init(_ address: IPAddress, _ port: UInt16) {
        (self.address, self.port) = (address, Int(UInt16(bigEndian: port)))
    }

    private static func option<Value: Sendable>(
        _ number: CInt,
        _ level: NIOBSDSocket.OptionLevel,
        of channel: any Channel,
        read: @escaping @Sendable (Value) -> OriginalDestination
    ) -> EventLoopFuture<OriginalDestination> {
        guard let provider = channel as? any SocketOptionProvider else {
            return channel.eventLoop.makeFailedFuture(ChannelError.operationUnsupported)
        }
        let name = NIOBSDSocket.Option(rawValue: number)
        let future: EventLoopFuture<Value> = provider.unsafeGetSocketOption(level: level, name: name)
        return future.map(read)
    }
}

/// `struct sockaddr_in` as ip(7) lays it out, in network order.
private struct RawIPv4: Sendable {
    var family: UInt16 = 0
    var port: UInt16 = 0
    var address: UInt32 = 0
    var zero: UInt64 = 0

    static func at(_ pointer: UnsafeRawPointer) -> Self { pointer.loadUnaligned(as: Self.self) }

    var value: IPv4Address { IPv4Address(bits: UInt32(bigEndian: address)) }
}

/// `struct sockaddr_in6` as ipv6(7) lays it out, in network order.
private struct RawIPv6: Sendable {
    var family: UInt16 = 0
    var port: UInt16 = 0
    var flow: UInt32 = 0
    var upper: UInt64 = 0
    var lower: UInt64 = 0
    var scope: UInt32 = 0

    static func at(_ pointer: UnsafeRawPointer) -> Self { pointer.loadUnaligned(as: Self.self) }

    var value: IPv6Address {
        IPv6Address(bits: UInt128(UInt64(bigEndian: upper)) << 64 | UInt128(UInt64(bigEndian: lower)))
    }
}

extension IPAddress {
    /// Nil for any other family.
    init?(_ address: SocketAddress) {
        switch address {
        case .v4: self = .v4(address.withSockAddr { raw, _ in RawIPv4.at(raw).value })
        case .v6: self = .v6(address.withSockAddr { raw, _ in RawIPv6.at(raw).value })
        case .unixDomainSocket: return nil
        }
    }
}
