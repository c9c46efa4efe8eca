import Gateway
import IPMI
import LabModel

/// One thing that a fault changes in the lab, and that the lab undoes.
package enum Change: Hashable, Sendable, CustomStringConvertible {
    /// The link of a NIC is down; undone, it is up.
    case linkDown(node: String, nic: String)
    /// A rule is installed in the gateway; undone, it is removed.
    case rule(Rule)
    /// A download is held in the gateway; undone, it goes on, and no other is held.
    case pause(Pause)
    /// The BMC of a node misbehaves, for the fault of that id; undone, it does not for that fault.
    case misbehaviour(id: String, node: String, Misbehaviour)

    package var description: String {
        switch self {
        case .linkDown(let node, let nic): "link of \(node) \(nic) down"
        case .rule(let rule): "rule \(rule.id) in the gateway"
        case .pause(let pause): "rule \(pause.id) in the gateway"
        case .misbehaviour(_, let node, let misbehaviour): "BMC of \(node) \(misbehaviour.kind)"
        }
    }

    /// How to undo it, without anything of this run.
    package var remedy: Remedy {
        switch self {
        case .linkDown(let node, let nic): Remedy(kind: .linkUp, node: node, nic: nic, rule: nil)
        case .rule(let rule): Remedy(kind: .removeRule, node: nil, nic: nil, rule: rule.id)
        case .pause(let pause): Remedy(kind: .removeRule, node: nil, nic: nil, rule: pause.id)
        case .misbehaviour(let id, let node, _): Remedy(kind: .behave, node: node, nic: nil, rule: id)
        }
    }
}

/// How to undo a change: what the journal keeps, so that another process can do it.
package struct Remedy: Hashable, Sendable, Codable, CustomStringConvertible {
    package enum Kind: String, Sendable, Codable {
        case linkUp = "link.up"
        case removeRule = "rule.remove"
        case behave = "bmc.behave"
    }
    package var kind: Kind
    package var node: String?
    package var nic: String?
    package var rule: String?

    package var description: String {
        switch kind {
        case .linkUp: "link of \(node ?? "?") \(nic ?? "?") up"
        case .removeRule: "rule \(rule ?? "?") removed"
        case .behave: "BMC of \(node ?? "?") behaves, as to fault \(rule ?? "?")"
        }
    }
}
