import IPMI
import Lab
import VirtualBMC

/// The BMCs of a lab, by their nodes.
struct BMCRack: Sendable {
    /// In the pod's order.
    let servers: [BMCServer]

    func bmc(of node: String) throws -> BMCServer {
        guard let server = servers.first(where: { $0.node == node }) else {
            throw LabError(
                node,
                "there is no such node with a BMC",
                hint: "those that have one are \(servers.map(\.node).joined(separator: ", "))"
            )
        }
        return server
    }
}

/// What `vlab bmc` asks a BMC to do wrong.
struct MisbehaviourOrder: Codable, Sendable {
    var kind: String
    var arguments: [String: String]
}
