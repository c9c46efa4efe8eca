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
    }

    /// How often each side tells the other that it is there (IEEE 802.1AX §6.4.4): every 30 seconds, or every second.
    package enum LACPRate: String, Hashable, Sendable, Codable, CaseIterable { case slow, fast }

    package var name: String
    /// The nodes that have it.
    package var nodes: [String]
    /// NIC positions.
    package var ports: [String]
    package var mode: Mode
    package var mtu: Int?
    /// Nil when the files do not say: slow, as Linux has it.
    package var lacpRate: LACPRate?

    package init(
        name: String,
        nodes: [String],
        ports: [String],
        mode: Mode,
        mtu: Int? = nil,
        lacpRate: LACPRate? = nil
    ) {
        (self.name, self.nodes, self.ports, self.mode, self.mtu) = (name, nodes, ports, mode, mtu)
        self.lacpRate = lacpRate
    }
}
