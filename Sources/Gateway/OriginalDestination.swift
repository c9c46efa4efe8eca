import LabModel
import NIOCore

/// Whom a client wanted to reach before the packet filter sent it here.
struct OriginalDestination: Hashable, Sendable {
    let address: IPAddress
    let port: Int

    /// Nil when the connection was made to the gateway itself.
    init?(of channel: any Channel) async {
        guard let local = channel.localAddress, let own = IPAddress(local) else { return nil }
        switch own {
        case .v4:
            // SO_ORIGINAL_DST of <linux/netfilter_ipv4.h>.
            guard let raw: RawIPv4 = await Self.option(80, .ip, of: channel) else { return nil }
            address = .v4(raw.value)
            port = Int(UInt16(bigEndian: raw.port))
        case .v6:
            // IP6T_SO_ORIGINAL_DST of <linux/netfilter_ipv6/ip6_tables.h>.
            guard let raw: RawIPv6 = await Self.option(80, .ipv6, of: channel) else { return nil }
            address = .v6(raw.value)
            port = Int(UInt16(bigEndian: raw.port))
        }
        if address == own, port == local.port { return nil }
    }

    private static func option<Value: Sendable>(
        _ number: CInt,
        _ level: NIOBSDSocket.OptionLevel,
        of channel: any Channel
    ) async -> Value? {
        guard let provider = channel as? any SocketOptionProvider else { return nil }
        let name = NIOBSDSocket.Option(rawValue: number)
        let future: EventLoopFuture<Value> = provider.unsafeGetSocketOption(level: level, name: name)
        // ENOENT where no packet filter keeps track of connections: then nothing was redirected either.
        return try? await future.get()
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
