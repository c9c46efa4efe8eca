/// What a command may know besides its data.
struct Context {
    /// Whose command it is; 0 outside a session.
    var session: UInt32
    /// The address that it came from: a remote console's.
    var requester: UInt8
    var now: Duration
    var machine: MachineState
    var sessions: [UInt32: Session]

    func isOpen(_ id: UInt32) -> Bool { sessions[id] != nil }
}
