/// Something that happened to the machine or its BMC, for the event log.
package enum PlatformEvent: Hashable, Sendable {
    case poweredOn
    case poweredOff
    /// A boot began: `BMC.boots` notes it.
    case booted(RestartCause)
    /// A NIC, by its place in the inventory, has lost or got its carrier.
    case link(nic: Int, up: Bool)
    /// The watchdog timer ran out, or was about to.
    case watchdog(WatchdogEvent, use: UInt8, interrupt: UInt8)

    /// What a watchdog timer did, as its sensor's offsets (IPMI 2.0 §42.2, Table 42-3, Watchdog 2).
    package enum WatchdogEvent: UInt8, Sendable, CaseIterable {
        /// Nothing but this event.
        case expired = 0x00
        case hardReset = 0x01
        case powerDown = 0x02
        case powerCycle = 0x03
        /// The interrupt that goes before the time-out.
        case interrupt = 0x08
    }
}
