/// Why a machine booted (IPMI 2.0 §28.11, Get System Restart Cause).
package enum RestartCause: UInt8, Sendable, CaseIterable {
    case unknown = 0x0
    case chassisControl = 0x1
    case resetButton = 0x2
    case powerButton = 0x3
    case watchdog = 0x4
    /// Power came back, and the policy says «always on».
    case powerRestored = 0x6
    /// Power came back, and the policy says «as before».
    case powerRestoredAsBefore = 0x7
    case platformEventReset = 0x8
    case platformEventCycle = 0x9
    /// The guest's own doing, such as Ctrl-Alt-Del or `reboot`.
    case softReset = 0xA
    /// The clock woke it up.
    case clock = 0xB
}
