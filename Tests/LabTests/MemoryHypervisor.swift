import Lab
import LabModel

/// Machines that are nothing but what was asked of them.
actor MemoryHypervisor: Hypervisor {
    private(set) var operations: [MachineOperation] = []
    /// What the running machine would boot from at its next reset.
    private(set) var order: [BootDevice] = []

    func define(_ node: Node) {}

    func perform(_ operation: MachineOperation, on node: String) {
        operations.append(operation)
        if case .start(let order) = operation { self.order = order }
    }

    func setBootOrder(_ order: [BootDevice], of node: String) { self.order = order }
    func type(_ bytes: [UInt8], at node: String) {}
    func setLink(of node: String, nic: String, up: Bool) {}
}

extension Machine {
    /// A machine by itself, and what it runs on.
    static func alone() -> (Machine, MemoryHypervisor) {
        let hypervisor = MemoryHypervisor()
        let node = Node(name: "ctl01", roles: [], nics: [], bmc: nil, uuid: "", serial: "")
        return (Machine(node, on: hypervisor) { _ in }, hypervisor)
    }

    /// The firmware says something on the serial console.
    func says(_ line: String) async { await note(.console(Array("\(line)\r\n".utf8))) }
}
