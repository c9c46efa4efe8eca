import Testing

@testable import IPMI

extension Console {
    /// Somebody who is logged in to a BMC that begins to misbehave.
    static func misbehaving(
        _ kind: String,
        _ arguments: [String: String] = [:],
        loggedIn: Bool = true
    ) throws -> Console {
        let console = loggedIn ? try Console.loggedIn() : Console()
        try console.misbehave(kind, arguments)
        return console
    }

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
