import Glibc
import LabModel

/// Tells booting nodes that there is no IPv6 here, every second: iPXE waits a dozen seconds for a router before it
/// goes on with the address that it has by DHCP, unless a router says that it has nothing for it.
struct RouterAdvertiser: Sendable {
    let interface: String

    /// RFC 4861 §4.2: hop limit 64, no flags, router lifetime 0 (no default route), no prefix.
    ///
    /// The kernel fills in the checksum.
    private static let message: [UInt8] = [134, 0, 0, 0, 64, 0, 0, 0] + [UInt8](repeating: 0, count: 8)

    /// Runs until it is cancelled; where raw sockets or IPv6 are not to be had, nodes boot all the same, only later.
    func run(time: any Timekeeper) async throws {
        let descriptor = socket(
            AF_INET6,
            Int32(SOCK_RAW.rawValue) | Int32(SOCK_CLOEXEC.rawValue),
            Int32(IPPROTO_ICMPV6)
        )
        defer { if descriptor >= 0 { close(descriptor) } }
        let ready = descriptor >= 0 && prepare(descriptor)
        while true {
            if ready { send(descriptor) }
            try await time.sleep(for: .seconds(1))
        }
    }

    /// RFC 4861 §6.1.2: receivers discard a message that has been forwarded, which its hop limit of 255 rules out.
    private func prepare(_ descriptor: Int32) -> Bool {
        var hops: Int32 = 255
        return unsafe setsockopt(
            descriptor,
            Int32(IPPROTO_IPV6),
            IPV6_MULTICAST_HOPS,
            &hops,
            socklen_t(MemoryLayout<Int32>.size)
        ) == 0
    }

    /// To all nodes on the link (ff02::1).
    private func send(_ descriptor: Int32) {
        var target = sockaddr_in6()
        target.sin6_family = sa_family_t(AF_INET6)
        target.sin6_scope_id = unsafe if_nametoindex(interface)
        guard target.sin6_scope_id != 0, unsafe inet_pton(AF_INET6, "ff02::1", &target.sin6_addr) == 1 else {
            return
        }
        let length = socklen_t(MemoryLayout<sockaddr_in6>.size)
        unsafe withUnsafePointer(to: &target) { pointer in
            unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { address in
                // One that is lost is followed by the next.
                _ = unsafe sendto(descriptor, Self.message, Self.message.count, 0, address, length)
            }
        }
    }
}
