import Glibc

/// An IPv6 address, as an AAAA record has it.
struct IPv6Address: Hashable, Sendable {
    /// Sixteen, in network order.
    let bytes: [UInt8]

    init?(_ text: String) {
        var bytes = [UInt8](repeating: 0, count: 16)
        guard inet_pton(AF_INET6, text, &bytes) == 1 else { return nil }
        self.bytes = bytes
    }
}
