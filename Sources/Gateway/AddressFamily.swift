import Glibc
import LabModel
import NIOCore
import NIOPosix

/// IPv4 or IPv6, each with sockets of its own: one socket for both would hide IPv4's addresses in IPv6's.
enum AddressFamily: CaseIterable, Sendable {
    case v4, v6

    /// Those that this kernel has.
    static let present: [AddressFamily] = access("/proc/net/if_inet6", F_OK) == 0 ? [.v4, .v6] : [.v4]

    /// As socket(2) calls it.
    var number: CInt { self == .v4 ? AF_INET : AF_INET6 }

    /// An open port on every address of the family.
    ///
    /// IPv6's leaves IPv4 to the other (ipv6(7), IPV6_V6ONLY).
    func anyAddress(_ port: Int) throws -> SocketAddress {
        try SocketAddress(ipAddress: self == .v4 ? "0.0.0.0" : "::", port: port)
    }
}

/// Several listeners under one port number.
enum SharedPort {
    typealias Place = @Sendable (_ port: Int) async throws -> any Channel

    /// Opens all of them, at any number that all can have when none is given.
    static func open(_ port: Int, service: String, at places: [Place]) async throws -> [any Channel] {
        let attempts = port == 0 ? 16 : 1
        for attempt in 1...attempts {
            var open: [any Channel] = []
            do {
                for place in places { open.append(try await place(open.first?.localAddress?.port ?? port)) }
                return open
            } catch {
                let tried = open.first?.localAddress?.port ?? port
                await close(open)
                if attempt == attempts {
                    throw GatewayError.cannotListen(service: service, port: tried, reason: "\(error)")
                }
            }
        }
        throw GatewayError.cannotListen(service: service, port: port, reason: "no port was free")
    }

    static func close(_ channels: [any Channel]) async {
        for channel in channels {
            // Already closed is as good.
            try? await channel.close().get()
        }
    }
}

extension ServerBootstrap {
    /// Listens on every address of a family, and of no other.
    func bind(_ family: AddressFamily, port: Int) async throws -> any Channel {
        let bootstrap = serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
        let only = ChannelOptions.Types.SocketOption(level: .ipv6, name: .ipv6_v6only)
        let own = family == .v6 ? bootstrap.serverChannelOption(only, value: 1) : bootstrap
        return try await own.bind(to: family.anyAddress(port)).get()
    }
}
