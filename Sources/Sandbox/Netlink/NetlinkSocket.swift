import Glibc

/// Talks with a part of the kernel (netlink(7)).
struct NetlinkSocket: ~Copyable {
    /// NETLINK_ROUTE tells links, addresses and neighbours, NETLINK_NETFILTER what the packet filter logs.
    enum Family: Int32 { case route = 0, netfilter = 12 }

    let descriptor: Int32

    init(_ family: Family) throws(SandboxError) {
        // AF_NETLINK is 16.
        descriptor = Glibc.socket(
            16,
            Int32(SOCK_RAW.rawValue) | Int32(SOCK_CLOEXEC.rawValue),
            family.rawValue
        )
        guard descriptor >= 0 else { throw .last("socket", on: "netlink \(family)") }
    }

    deinit { close(descriptor) }

    func send(_ message: NetlinkMessage) throws(SandboxError) {
        let bytes = message.bytes
        guard unsafe Glibc.send(descriptor, bytes, bytes.count, 0) == bytes.count else {
            throw .last("send", on: "netlink")
        }
    }

    /// The messages of the next datagram; waits for it.
    func receive() throws(SandboxError) -> [NetlinkMessage] {
        var bytes = [UInt8](repeating: 0, count: 64 << 10)
        let count = unsafe recv(descriptor, &bytes, bytes.count, 0)
        guard count >= 0 else { throw .last("recv", on: "netlink") }
        return NetlinkMessage.all(in: bytes.prefix(count))
    }
}
