/// One way in which a BMC is not what the standard says or what its users hope.
///
///     try bmc.misbehave(Misbehaviour("slow", ["delay": "2s"]), by: .hand, at: now)
package enum Misbehaviour: Hashable, Sendable {
    // What becomes of datagrams.
    case unreachable
    case slow(Duration)
    case drop(every: Int)
    case duplicate
    case hang(after: Int)
    case coldReset(offline: Duration)
    // How one logs in.
    case wrongPassword(String)
    case noSessions
    case onlySuite(CipherSuite)
    case onlyVersion15
    // What boot flags are worth.
    case bootDeviceIgnored
    case bootExpires(Duration)
    case bootNeverExpires
    case bootSticks
    case bootOnce
    // What power control does, and what it says.
    case cycleSlow(Duration)
    case powerStale(Duration)
    case powerStuck(isOn: Bool)
    case onWhenOnFails
    case softOffIgnored
    // What the BMC is busy with, and what it thinks of itself.
    case updating(CompletionCode)
    case selfTestFailed
    case sensorAlarm
    case eventLogFull
    // What becomes of serial over LAN.
    case consoleDrops(after: Int)
    case secondConsoleRefused
    // What comes by Redfish.
    case redfishError(status: Int)
    case redfishUnchanged
    case redfishSlow(Duration)
    case redfishTaskSlow(Duration)
    case redfishMalformed

    /// By whose wish a BMC misbehaves.
    package enum Author: Hashable, Sendable {
        /// It is made that way.
        case profile
        /// A person at the command line.
        case hand
        /// A scenario's fault, by its id.
        case fault(String)
    }
}
