import LabModel

/// What a lab needs from whatever runs its machines.
package protocol Hypervisor: Sendable {
    /// Makes the node's machine known, powered off, with the disks and NICs that the node has.
    func define(_ node: Node) async throws
    /// Does one thing to a machine, and returns when it is done.
    func perform(_ operation: MachineOperation, on node: String) async throws
    /// What a running machine boots from at its next reset, in order.
    func setBootOrder(_ order: [BootDevice], of node: String) async throws
    /// Bytes typed at a machine's serial console.
    func type(_ bytes: [UInt8], at node: String) async throws
    /// A break on a machine's serial line.
    func sendBreak(to node: String) async throws
    /// The carrier of a NIC, at the machine's side and at the switch's.
    func setLink(of node: String, nic: String, up: Bool) async throws
    /// The processor time that a machine has used since it was started, at once; 0 when it does not run.
    func processorTime(of node: String) -> Duration
}

/// One thing that can be done to a machine.
package enum MachineOperation: Sendable, Hashable {
    /// From off to on, booting from the first device that works.
    case start(order: [BootDevice])
    /// Cuts the power.
    case stop
    /// Presses the power button shortly: the guest may do as it likes (ACPI).
    case pressPowerButton
    case reset
    /// A non-maskable interrupt.
    case interrupt
}

/// What a hypervisor tells about a machine without being asked.
package enum MachineChange: Sendable, Hashable {
    case started
    /// It runs no more: who or what ended it.
    case stopped(cause: String)
    /// It went through a reset, its own or one asked for: a boot begins.
    case rebooted
    /// Bytes on its serial console.
    case console([UInt8])
}
