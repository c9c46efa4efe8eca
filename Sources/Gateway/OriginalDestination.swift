import LabModel
import NIOCore

/// Whom a client wanted to reach before the packet filter sent it here.
struct OriginalDestination: Hashable, Sendable {
    let address: IPv4Address
    let port: Int

    /// Nil when the connection was made to the gateway itself.
    init?(of channel: any Channel) async {
        guard let provider = channel as? any SocketOptionProvider, let local = channel.localAddress else {
            return nil
        }
        // SO_ORIGINAL_DST of <linux/netfilter_ipv4.h>, at level SOL_IP (0).
        let future: EventLoopFuture<RawAddress> = provider.unsafeGetSocketOption(
            level: NIOBSDSocket.OptionLevel(rawValue: 0),
            name: NIOBSDSocket.Option(rawValue: 80)
        )
        // Fails with ENOENT where no packet filter keeps track of connections: then nothing was redirected either.
        guard let original = try? await future.get() else { return nil }
        address = IPv4Address(bits: UInt32(bigEndian: original.address))
        port = Int(UInt16(bigEndian: original.port))
        if address == IPv4Address(local), port == local.port { return nil }
    }
}

/// `struct sockaddr_in` as ip(7) lays it out, in network order.
private struct RawAddress: Sendable {
    var family: UInt16 = 0
    var port: UInt16 = 0
    var address: UInt32 = 0
    var zero: UInt64 = 0
}

extension IPv4Address {
    /// Nil for any other family.
    init?(_ address: SocketAddress) {
        guard case .v4 = address else { return nil }
        let bits = address.withSockAddr { raw, _ in
            UnsafeRawPointer(raw).loadUnaligned(as: RawAddress.self).address
        }
        self.init(bits: UInt32(bigEndian: bits))
    }
}
