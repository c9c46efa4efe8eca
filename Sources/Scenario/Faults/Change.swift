import LabModel

/// One thing that a fault changes in the lab, and that the lab undoes.
package enum Change: Hashable, Sendable, CustomStringConvertible {
    /// The link of a NIC is down; undone, it is up.
    case linkDown(node: String, nic: String)
    /// A rule is installed in the gateway; undone, it is removed.
    case rule(GatewayRule)

    package var description: String {
        switch self {
        case .linkDown(let node, let nic): "link of \(node) \(nic) down"
        case .rule(let rule): "rule \(rule.id) in the gateway"
        }
    }

    /// How to undo it, without anything of this run.
    package var remedy: Remedy {
        switch self {
        case .linkDown(let node, let nic): Remedy(kind: .linkUp, node: node, nic: nic, rule: nil)
        case .rule(let rule): Remedy(kind: .removeRule, node: nil, nic: nil, rule: rule.id)
        }
    }
}

/// How to undo a change: what the journal keeps, so that another process can do it.
package struct Remedy: Hashable, Sendable, Codable, CustomStringConvertible {
    package enum Kind: String, Sendable, Codable { case linkUp = "link.up", removeRule = "rule.remove" }
    package var kind: Kind
    package var node: String?
    package var nic: String?
    package var rule: String?

    package var description: String {
        switch kind {
        case .linkUp: "link of \(node ?? "?") \(nic ?? "?") up"
        case .removeRule: "rule \(rule ?? "?") removed"
        }
    }
}
