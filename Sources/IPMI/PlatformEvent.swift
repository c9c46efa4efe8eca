/// Something that happened to the machine or its BMC, for the event log.
package enum PlatformEvent: Hashable, Sendable {
    case poweredOn
    case poweredOff
    case booted(RestartCause)
    case link(nic: Int, up: Bool)
}
