import Testing

@testable import IPMI

extension Console {
    func misbehave(
        _ kind: String,
        _ arguments: [String: String] = [:],
        by author: Misbehaviour.Author = .hand
    ) throws {
        let misbehaviour = try Misbehaviour(kind, arguments)
        bmc.misbehave(misbehaviour, by: author, at: now, machine: MachineState(isPowered: isPowered))
    }

    /// Sets the boot flags, and has the machine agree.
    func setBoot(_ flags: [UInt8]) throws { #expect(try command(0x00, 0x08, [5] + flags).completion == 0) }

    /// What the machine is to do.
    static func work(_ actions: [Action]) -> (Operation, Ticket)? {
        for case .perform(let operation, let ticket) in actions { return (operation, ticket) }
        return nil
    }
}
