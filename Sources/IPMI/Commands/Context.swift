/// What a command may know besides its data.
struct Context {
    /// Whose command it is; 0 outside a session.
    var session: UInt32
    var now: Duration
    var machine: MachineState
    var isOpen: (UInt32) -> Bool
}
