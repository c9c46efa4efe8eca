import LabModel
import Synchronization

/// Every name outside the lab, each with an address of its own, so that a connection's destination tells its name.
///
/// Of each family it has one, and the one of IPv6 ends with the one of IPv4: 2001:2::c613:709 is 198.19.7.9.
/// The address comes from the name's hash: it is the same in every run, whatever else was asked before, unless two
/// names collide, where the later one takes the next free address.
package final class OutsideNames: Sendable {
    /// Set aside for tests of network devices (RFC 2544), so no real host is hidden.
    package static let network = IPv4Network(
        containing: IPv4Address(bits: 0xC612_0000),
        prefixLength: 15
    )
    /// The same for IPv6 (RFC 5180 §8).
    package static let networkOfIPv6 = IPv6Network(
        containing: IPv6Address(bits: 0x2001_0002 << 96),
        prefixLength: 64
    )
    /// Where the lab's DNS answers: 198.18.0.53, and 2001:2::53.
    package static let nameServer = IPv4Address(bits: 0xC612_0035)
    /// Where the gateway is asked as an HTTP proxy, at port 3128: 198.18.0.80, and 2001:2::80.
    private static let proxies: Set<IPAddress> = [
        .v4(IPv4Address(bits: 0xC612_0050)), .v6(IPv6Address(bits: networkOfIPv6.base.bits | 0x80)),
    ]
    /// Beyond this many names new ones are refused, so that a client which asks at random cannot fill the memory.
    package static let limit = 16_384

    /// The first 256 addresses are the lab's own services, the last one is the broadcast address.
    private static let slots: UInt32 = (1 << 17) - 256 - 1

    private struct Table {
        var addresses: [String: IPv4Address] = [:]
        var names: [IPv4Address: String] = [:]
        var listener: (@Sendable (String) -> Void)?
    }

    private let table = Mutex(Table())

    package init() {}

    /// The name's address, given now if it had none; nil when the limit is reached.
    package func address(of name: String) -> IPv4Address? {
        let name = name.lowercased()
        let (address, listener) = table.withLock { table -> (IPv4Address?, (@Sendable (String) -> Void)?) in
            if let known = table.addresses[name] { return (known, nil) }
            guard table.addresses.count < Self.limit else { return (nil, nil) }
            var slot = Self.hash(name) % Self.slots
            while let taken = table.names[Self.address(in: slot)], taken != name {
                slot = (slot + 1) % Self.slots
            }
            let address = Self.address(in: slot)
            table.addresses[name] = address
            table.names[address] = name
            return (address, table.listener)
        }
        listener?(name)
        return address
    }

    /// Calls back for each name that is new, before anybody hears its address.
    func listen(_ listener: @escaping @Sendable (String) -> Void) {
        table.withLock { $0.listener = listener }
    }

    /// All that have an address.
    var names: [String] { table.withLock { Array($0.addresses.keys) } }

    /// The name's addresses, one of each family.
    func addresses(of name: String) -> [IPAddress] {
        [address(of: name).map { .v4($0) }, addressOfIPv6(of: name).map { .v6($0) }].compactMap(\.self)
    }

    /// The same of IPv6.
    package func addressOfIPv6(of name: String) -> IPv6Address? {
        address(of: name).map { IPv6Address(bits: Self.networkOfIPv6.base.bits | UInt128($0.bits)) }
    }

    /// The name that was given this address.
    package func name(at address: IPAddress) -> String? {
        switch address {
        case .v4(let address): return table.withLock { $0.names[address] }
        case .v6(let address):
            let inner = IPv4Address(bits: UInt32(truncatingIfNeeded: address.bits))
            guard address.bits == Self.networkOfIPv6.base.bits | UInt128(inner.bits) else { return nil }
            return name(at: .v4(inner))
        }
    }

    /// Whether the gateway itself is meant.
    static func isProxy(_ address: IPAddress) -> Bool { proxies.contains(address) }

    private static func address(in slot: UInt32) -> IPv4Address {
        IPv4Address(bits: network.base.bits + 256 + slot)
    }

    /// FNV-1a: Swift's own hash differs from run to run.
    private static func hash(_ name: String) -> UInt32 {
        name.utf8.reduce(0x811C_9DC5) { ($0 ^ UInt32($1)) &* 0x0100_0193 }
    }
}
