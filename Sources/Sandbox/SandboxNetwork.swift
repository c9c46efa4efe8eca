import Glibc
import LabModel

/// The sandbox's network: switches as bridges, the jump host's addresses, and the way to the gateway.
package struct SandboxNetwork {
    /// The lab's resolver, as /etc/resolv.conf names it; reserved in the gateway's range of addresses.
    package static let resolver = "198.18.0.53"
    /// Where outside names live (RFC 2544's range for benchmarks: no real host has such an address).
    package static let outside = "198.18.0.0/15"

    /// Makes the bridges of the plan; every outside address becomes local, so that the gateway's redirect sees it.
    ///
    /// The jump host speaks to them as 127.0.0.1: the redirect leads there, and only an answer from there is let back.
    static func make(_ plan: SandboxPlan) async throws(SandboxError) {
        var lines = ["link set lo up", "route add local \(outside) dev lo src 127.0.0.1"]
        for (index, item) in plan.switches.enumerated() {
            // A fixed MAC: a bridge otherwise takes its ports' lowest one, and changes it as nodes come and go.
            let mac = "02:76:6c:61:62:\(UInt8(truncatingIfNeeded: index).hex)"
            lines.append(
                "link add name \(item.name) address \(mac) type bridge stp_state 0 forward_delay 0 mcast_snooping 0"
            )
            lines += item.addresses.map { "address add \($0) dev \(item.name)" }
            lines.append("link set \(item.name) up")
        }
        lines += plan.loose.map { "address add \($0) dev lo" }
        try await Program.ip.run(
            ["-batch", "-"],
            input: lines.joined(separator: "\n") + "\n",
            to: "make the switches"
        )
    }

    /// Sends what nodes and the engine say to outside addresses to the gateway's ports in the sandbox.
    package static func redirect(tcp: Int, dns: Int, ntp: Int) async throws(SandboxError) {
        let rules = """
            ip daddr \(resolver) meta l4proto tcp tcp dport 53 redirect to :\(dns)
            ip daddr \(outside) udp dport 53 redirect to :\(dns)
            ip daddr \(outside) udp dport 123 redirect to :\(ntp)
            ip daddr \(outside) meta l4proto tcp redirect to :\(tcp)
            """
        let table = """
            table ip vlab_gateway {
            chain nodes { type nat hook prerouting priority dstnat; policy accept;
            \(rules)
            }
            chain engine { type nat hook output priority -100; policy accept;
            \(rules)
            }
            }
            """
        try await Program.nft.run(
            ["-f", "-"],
            input: table + "\n",
            to: "redirect outside traffic to the gateway"
        )
    }

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
