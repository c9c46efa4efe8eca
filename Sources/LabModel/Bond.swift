/// Several ports of a node that are one interface (IEEE 802.1AX, or Linux' own modes).
package struct Bond: Hashable, Sendable, Codable {
    /// How the ports share the work, by the names of Linux' bonding driver.
    package enum Mode: String, Hashable, Sendable, Codable, CaseIterable {
        case balanceRR = "balance-rr"
        case activeBackup = "active-backup"
        case balanceXOR = "balance-xor"
        case broadcast
        case lacp = "802.3ad"
        case balanceTLB = "balance-tlb"
        case balanceALB = "balance-alb"

        /// Whether a hash of each frame chooses its port.
        package var hashes: Bool { [.balanceXOR, .lacp, .balanceTLB].contains(self) }
    }

    /// How often each side tells the other that it is there (IEEE 802.1AX §6.4.4): every 30 seconds, or every second.
    package enum LACPRate: String, Hashable, Sendable, Codable, CaseIterable { case slow, fast }

    /// What of a frame decides at which port a node sends it, in the modes that hash.
    package enum HashPolicy: String, Hashable, Sendable, Codable, CaseIterable {
        case layer2
        case layer23 = "layer2+3"
        case layer34 = "layer3+4"
        case encap23 = "encap2+3"
        case encap34 = "encap3+4"
        case vlan = "vlan+srcmac"
    }

    package var name: String
    /// The nodes that have it.
    package var nodes: [String]
    /// NIC positions.
    package var ports: [String]
    package var mode: Mode
    package var mtu: Int?
    /// Nil when the files do not say: slow, as Linux has it.
    package var lacpRate: LACPRate?
    /// How often a node looks whether the ports have a link, in milliseconds; 0 is never.
    package var miimon: Int?
    /// Nil when the files do not say: layer2, as Linux has it.
    package var hashPolicy: HashPolicy?

    package init(
        name: String,
        nodes: [String],
        ports: [String],
        mode: Mode,
        mtu: Int? = nil,
        lacpRate: LACPRate? = nil,
        miimon: Int? = nil,
        hashPolicy: HashPolicy? = nil
    ) {
        (self.name, self.nodes, self.ports, self.mode, self.mtu) = (name, nodes, ports, mode, mtu)
        (self.lacpRate, self.miimon, self.hashPolicy) = (lacpRate, miimon, hashPolicy)
    }
}
