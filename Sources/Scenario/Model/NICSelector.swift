import LabModel
import YAML

/// Which NIC of a node: by its position, or by the network that it carries.
package struct NICSelector: Hashable, Sendable {
    package var name: Sourced<String>

    /// `eth1` for `eth1` as for `external`; nil when the pod has neither.
    func resolve(on pod: Pod) -> String? {
        pod.network(named: name.value)?.interface ?? pod.switches.first { $0 == name.value }
    }

    func problems(on pod: Pod) -> [Diagnostic] {
        guard resolve(on: pod) == nil else { return [] }
        let known = pod.networks.map(\.name) + pod.switches
        let hint = Suggestion.hint(for: name.value, among: known, "NIC or network")
        return [name.place.error("pod \(pod.name) has no NIC or network “\(name.value)”", hint: hint)]
    }
}
