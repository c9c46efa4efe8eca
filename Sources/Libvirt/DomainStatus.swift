import Clibvirt

/// What a domain does at this moment.
package enum DomainState: String, Hashable, Sendable, Codable {
    case running, blocked, paused, shuttingDown, off, crashed, asleep, unknown

    init(_ state: Int32) {
        switch virDomainState(UInt32(bitPattern: state)) {
        case VIR_DOMAIN_RUNNING: self = .running
        case VIR_DOMAIN_BLOCKED: self = .blocked
        case VIR_DOMAIN_PAUSED: self = .paused
        case VIR_DOMAIN_SHUTDOWN: self = .shuttingDown
        case VIR_DOMAIN_SHUTOFF: self = .off
        case VIR_DOMAIN_CRASHED: self = .crashed
        case VIR_DOMAIN_PMSUSPENDED: self = .asleep
        default: self = .unknown
        }
    }

    /// Whether a QEMU process exists for it.
    package var isActive: Bool {
        switch self {
        case .running, .blocked, .paused, .shuttingDown, .asleep: true
        case .off, .crashed, .unknown: false
        }
    }
}

/// One row of ``LibvirtHost/list()``.
package struct DomainStatus: Hashable, Sendable, Codable {
    package var name: String
    package var state: DomainState
    /// libvirt's number for why it is in that state.
    package var reason: Int32
}
