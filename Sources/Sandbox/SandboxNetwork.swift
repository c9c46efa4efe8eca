import Foundation
import Glibc
import LabModel

/// The sandbox's network: switches as bridges, the jump host's addresses, and the way to the gateway.
///
/// Whatever no route of the sandbox knows is outside: the default route leads to an interface of that name, and the
/// packet filter sends what would take it to the gateway. So nothing that the lab has is ever taken for the outside,
/// be it a pod's network, a BMC, or an address that an engine gave its jump host a moment ago.
package struct SandboxNetwork {
    /// The lab's resolver, as /etc/resolv.conf names it; reserved in the gateway's range of addresses.
    package static let resolver = "198.18.0.53"
    /// Where outside names live (RFC 2544's range for benchmarks: no real host has such an address).
    package static let outside = "198.18.0.0/15"
    /// The same for IPv6 (RFC 5180 §8).
    package static let outsideOfIPv6 = "2001:2::/64"
    /// The interface behind which the outside is.
    package static let way = "outside"

    /// What the jump host calls itself when it speaks to the outside.
    ///
    /// That of IPv6 is private (RFC 4193), so that its programs prefer IPv4 where a name has both (RFC 6724 §5, rule 5).
    private static let (ownIPv4, ownIPv6) = ("198.18.0.1", "fd76:6c61:62::1")

    /// Whether this kernel has IPv6.
    package static let hasIPv6 = unsafe access("/proc/net/if_inet6", F_OK) == 0

    /// Makes the bridges of the plan, and the way outside.
    static func make(_ plan: SandboxPlan) async throws(SandboxError) -> TaggedInterfaces {
        let tagged = try TaggedInterfaces(plan.tagged)
        try keepBridgesApart()
        try await makeWay()
        var lines: [String] = []
        for (index, item) in plan.switches.enumerated() {
            // A fixed MAC: a bridge otherwise takes its ports' lowest one, and changes it as nodes come and go.
            let mac = MACAddress(bits: 0x02_76_6c_61_00_00 + UInt64(index))
            lines.append(
                "link add name \(item.name) address \(mac) type bridge stp_state 0 forward_delay 0 mcast_snooping 0"
            )
            lines += give(item.addresses, item.addressesOfIPv6, to: item.name)
            if let mtu = item.mtu { lines.append("link set \(item.name) mtu \(mtu)") }
            lines.append("link set \(item.name) up")
            for vlan in plan.tagged where vlan.on == item.name {
                lines.append("link set \(vlan.name) address \(mac)")
                lines += give(vlan.addresses, vlan.addressesOfIPv6, to: vlan.name)
                lines.append("link set \(vlan.name) up")
            }
        }
        lines += plan.loose.map { "address add \($0) dev lo" }
        // Behind any route that somebody adds to reach it.
        lines += plan.elsewhere.map { "route add unreachable \($0) metric 4096" }
        try await configure(lines, to: "make the switches")
        try await separate(plan.bonds)
        return tagged
    }

    /// The jump host's addresses at one of its interfaces; of IPv6 no other can have it, and nobody has to be asked first.
    private static func give(_ addresses: [String], _ ofIPv6: [String], to interface: String) -> [String] {
        addresses.map { "address add \($0) dev \(interface)" }
            + (hasIPv6 ? ofIPv6.map { "address add \($0) dev \(interface) nodad" } : [])
    }

    /// What comes in at one port of a bond does not go out at another one: its sender would get it back.
    private static func separate(_ bonds: [BondPlan]) async throws(SandboxError) {
        let pairs = bonds.flatMap { bond in
            bond.ports.flatMap { from in
                bond.ports.filter { $0 != from }.map { "\"\(from.name)\" . \"\($0.name)\"" }
            }
        }
        guard !pairs.isEmpty else { return }
        let table = """
            table bridge vlab_bonds {
            set siblings { type ifname . ifname; elements = { \(pairs.joined(separator: ", ")) } }
            chain between { type filter hook forward priority 0; policy accept;
            iifname . oifname @siblings drop
            }
            }
            """
        try await Program.nft.run(["-f", "-"], input: table + "\n", to: "keep the ports of bonds apart")
    }

    /// The interface that stands for all that is outside: nothing ever leaves by it.
    package static func makeWay() async throws(SandboxError) {
        var lines = [
            "link set lo up",
            // What is said there ends on loopback, and need not be cut for any wire.
            "link add name \(way) mtu 65535 type bridge", "address add \(ownIPv4)/32 dev \(way)",
            "link set \(way) up", "route add \(outside) dev \(way) src \(ownIPv4)",
            // An engine that has another way out, and says so, takes that one.
            "route add default dev \(way) src \(ownIPv4) metric 4096",
        ]
        if hasIPv6 {
            lines += [
                "address add \(ownIPv6)/128 dev \(way) nodad",
                "route add \(outsideOfIPv6) dev \(way) src \(ownIPv6)",
                "route add ::/0 dev \(way) src \(ownIPv6) metric 4096",
            ]
        }
        try await configure(lines, to: "make the way outside")
    }

    private static func configure(_ lines: [String], to task: String) async throws(SandboxError) {
        try await Program.ip.run(["-batch", "-"], input: lines.joined(separator: "\n") + "\n", to: task)
    }

    /// A host with br_netfilter shows what nodes say to each other to the packet filter, as if it were for the jump host.
    private static func keepBridgesApart() throws(SandboxError) {
        for name in ["iptables", "ip6tables", "arptables"] {
            let path = "/proc/sys/net/bridge/bridge-nf-call-\(name)"
            guard unsafe access(path, F_OK) == 0 else { continue }
            do {
                try "0\n".write(toFile: path, atomically: false, encoding: .utf8)
            } catch {
                throw .file("write", path: path, why: error.localizedDescription)
            }
        }
    }

    /// Sends what nodes and the engine say to outside addresses to the gateway's ports in the sandbox.
    ///
    /// TCP, DNS, the time and pings are answered; the rest is told that it may not pass, as a firewall would.
    package static func redirect(tcp: Int, dns: Int, ntp: Int) async throws(SandboxError) {
        try await Program.nft.run(
            ["-f", "-"],
            input: table(tcp: tcp, dns: dns, ntp: ntp),
            to: "redirect outside traffic to the gateway"
        )
    }

    /// The packet filter's rules: a new packet passes the filter first, and then is sent to the gateway.
    static func table(tcp: Int, dns: Int, ntp: Int) -> String {
        """
        table \(RefusalTable.table) {
        chain \(RefusalTable.nodes) {
        }
        chain \(RefusalTable.engine) {
        }
        chain filter {
        ip daddr { \(nobody.joined(separator: ", ")) } drop
        ip6 daddr { \(nobodyOfIPv6.joined(separator: ", ")) } drop
        ip daddr { \(local.joined(separator: ", ")) } reject with icmpx admin-prohibited
        ip6 daddr { \(localOfIPv6.joined(separator: ", ")) } reject with icmpx admin-prohibited
        meta l4proto tcp return
        udp dport { 53, 123 } accept
        icmp type echo-request accept
        icmpv6 type echo-request accept
        reject with icmpx admin-prohibited
        }
        chain redirect_outside {
        meta l4proto tcp tcp dport 53 redirect to :\(dns)
        udp dport 53 redirect to :\(dns)
        udp dport 123 redirect to :\(ntp)
        meta l4proto tcp redirect to :\(tcp)
        icmp type echo-request redirect
        icmpv6 type echo-request redirect
        }
        chain filter_nodes { type filter hook prerouting priority mangle; policy accept;
        ct state new meta pkttype host fib daddr oifname "\(way)" jump filter
        ct state new meta pkttype host meta l4proto tcp fib daddr oifname "\(way)" jump \(RefusalTable.nodes)
        }
        chain filter_engine { type filter hook output priority mangle; policy accept;
        ct state new oifname "\(way)" jump filter
        ct state new meta l4proto tcp oifname "\(way)" jump \(RefusalTable.engine)
        }
        chain nodes { type nat hook prerouting priority dstnat; policy accept;
        meta pkttype host fib daddr oifname "\(way)" jump redirect_outside
        }
        chain engine { type nat hook output priority -100; policy accept;
        oifname "\(way)" jump redirect_outside
        }
        }

        """
    }

    /// For documentation, and to be discarded (RFC 5737, RFC 3849, RFC 6666): what is sent there is never heard of again.
    private static let nobody = ["192.0.2.0/24", "198.51.100.0/24", "203.0.113.0/24"]
    private static let nobodyOfIPv6 = ["2001:db8::/32", "100::/64"]
    /// What no router passes on: of one link alone, of many receivers, of nobody yet (RFC 6890).
    private static let local = ["0.0.0.0/8", "127.0.0.0/8", "169.254.0.0/16", "224.0.0.0/3"]
    private static let localOfIPv6 = ["::/127", "fe80::/10", "ff00::/8"]

    /// Gives a switch, or another interface of the sandbox, one more address, with prefix length.
    package static func add(_ address: String, to interface: String) async throws(SandboxError) {
        try await Program.ip.run(["address", "add", address, "dev", interface], to: "add address \(address)")
    }

    /// Takes an address from an interface of the sandbox.
    package static func remove(_ address: String, from interface: String) async throws(SandboxError) {
        try await Program.ip.run(
            ["address", "delete", address, "dev", interface],
            to: "remove address \(address)"
        )
    }

    /// Gives the port of a node on a switch a carrier, or takes it: what the switch's side of a link does.
    package static func setPort(_ name: String, up: Bool) async throws(SandboxError) {
        try await Program.ip.run(["link", "set", name, up ? "up" : "down"], to: "set port \(name)")
    }
}
