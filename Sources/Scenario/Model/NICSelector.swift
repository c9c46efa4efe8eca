import LabModel
import YAML

/// Which NIC of a node: by its position, or by the network that it carries.
package struct NICSelector: Hashable, Sendable {
    package var name: Sourced<String>

    /// `eth1` for `eth1` as for `external`; nil when the node has neither.
    func resolve(of node: Node, on pod: Pod) -> String? {
        guard let network = pod.network(named: name.value) else { return node.nic(named: name.value)?.name }
        return pod.port(of: node, on: network)?.nic
    }

    func problems(on pod: Pod) -> [Diagnostic] {
        let known = pod.networks.map(\.name) + pod.positions
        guard !known.contains(name.value) else { return [] }
        let hint = Suggestion.hint(for: name.value, among: known, "NIC or network")
        return [name.place.error("pod \(pod.name) has no NIC or network “\(name.value)”", hint: hint)]
    }
}
