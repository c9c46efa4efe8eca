import LabModel
import Synchronization

/// A racked pod: its machines, by name, and what happens to them.
///
///     let lab = try await Lab(named: "pod1", pod: pod, on: hypervisor, events: log)
///     try await lab.machine("ctl01").perform(.on)
package final class Lab: Sendable {
    package let name: String
    package let pod: Pod
    package let machines: [Machine]
    package let events: EventLog
    private let parts = Mutex<[LabStatus.Part]>([])

    /// Defines all machines, powered off.
    package init(named name: String, pod: Pod, on hypervisor: any Hypervisor, events: EventLog) async throws {
        (self.name, self.pod, self.events) = (name, pod, events)
        machines = pod.nodes.map { Machine($0, on: hypervisor) { events.emit($0) } }
        try await withThrowingTaskGroup { group in
            for machine in machines { group.addTask { try await machine.define() } }
            try await group.waitForAll()
        }
    }

    package func machine(_ name: String) throws -> Machine {
        guard let machine = machines.first(where: { $0.node.name == name }) else {
            let known = machines.map(\.node.name).joined(separator: ", ")
            throw LabError(self.name, "there is no node \(name)", hint: "its nodes are \(known)")
        }
        return machine
    }

    /// Says how a part of the lab does; the newest word on each part counts.
    package func note(_ part: LabStatus.Part) {
        parts.withLock { parts in
            if let index = parts.firstIndex(where: { $0.name == part.name }) {
                parts[index] = part
            } else {
                parts.append(part)
            }
        }
        events.emit(
            LabEvent(part.isAlive ? "part.alive" : "part.dead", ["part": part.name, "detail": part.detail])
        )
    }

    package var status: LabStatus {
        LabStatus(name: name, pod: pod.name, nodes: machines.map(status(of:)), parts: parts.withLock { $0 })
    }

    private func status(of machine: Machine) -> LabStatus.NodeStatus {
        let node = machine.node
        let addresses = pod.networks.compactMap { network in
            pod.address(of: node.name, on: network).map { (network.name, "\($0)") }
        }
        return LabStatus.NodeStatus(
            name: node.name,
            roles: node.roles,
            power: machine.power,
            addresses: Dictionary(addresses) { first, _ in first },
            bmc: node.bmc.map { "\($0.address)" },
            linksDown: machine.linksDown.sorted(),
            boots: machine.boots,
            stage: machine.power == .on ? machine.console.stage : "",
            lastLine: machine.console.lastLine
        )
    }
}
