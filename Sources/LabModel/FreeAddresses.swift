/// What nobody has of a pod's networks, for what must have an address and was given none.
package struct FreeAddresses {
    private let taken: Set<IPv4Address>
    /// How far into a network is looked.
    private static let reach: UInt32 = 1_024

    package init(in pod: Pod) {
        let addresses =
            pod.networks.flatMap { network in
                pod.nodes.indices.map { pod.address(ofNodeAt: $0, on: network) } + [network.gateway]
            } + pod.nodes.map { $0.bmc?.address } + pod.virtualAddresses.map(\.address)
        taken = Set(addresses.compactMap(\.self))
    }

    private func isFree(_ address: IPv4Address, in network: PodNetwork) -> Bool {
        network.cidr.contains(address) && address != network.cidr.base && address != network.cidr.broadcast
            && address != network.gateway && !taken.contains(address)
            && network.dhcpRange?.contains(address) != true
            && !network.range.contains(address)
    }

    /// The first one that no node will get.
    package func first(in network: PodNetwork) -> IPv4Address? {
        (1...Self.reach).lazy.compactMap { network.cidr.base.advanced(by: $0) }
            .first { isFree($0, in: network) }
    }

    /// The first run of that many beside the range, else the longest that there is.
    package func run(of count: Int, in network: PodNetwork, from start: UInt32 = 1) -> IPv4Range? {
        var best: IPv4Range?
        var first: IPv4Address?
        for offset in start...max(start, Self.reach) {
            guard let address = network.cidr.base.advanced(by: offset),
                isFree(address, in: network)
            else {
                first = nil
                continue
            }
            if first == nil { first = address }
            if let found = first.flatMap({ IPv4Range(first: $0, last: address) }),
                found.count > best?.count ?? 0
            {
                best = found
            }
            if let best, best.count >= count { return best }
        }
        return best
    }
}
