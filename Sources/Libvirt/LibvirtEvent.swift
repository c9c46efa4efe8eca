import Clibvirt

/// What a ``LibvirtHost`` reports without being asked.
package enum LibvirtEvent: Hashable, Sendable {
    /// A connection stands. What happened before it is unknown: read the states of the domains.
    case connected
    /// The connection broke: libvirtd ended, was killed or hangs. Consoles have ended too.
    case disconnected(DisconnectReason)
    case domain(String, DomainEvent)
}

/// Why a connection ended.
package enum DisconnectReason: Hashable, Sendable {
    case error, endOfFile, keepaliveTimeout, closedHere
    case other(Int32)

    init(_ reason: Int32) {
        switch virConnectCloseReason(UInt32(bitPattern: reason)) {
        case VIR_CONNECT_CLOSE_REASON_ERROR: self = .error
        case VIR_CONNECT_CLOSE_REASON_EOF: self = .endOfFile
        case VIR_CONNECT_CLOSE_REASON_KEEPALIVE: self = .keepaliveTimeout
        case VIR_CONNECT_CLOSE_REASON_CLIENT: self = .closedHere
        default: self = .other(reason)
        }
    }
}

/// What happened to one domain.
package enum DomainEvent: Hashable, Sendable {
    case defined, undefined
    case started(StartCause)
    /// It does not run for now: paused by us, by an error of its disk, or for a save.
    case paused
    case resumed
    /// The guest has shut down; `stopped` follows.
    case shutDown
    case stopped(StopCause)
    case crashed
    /// The guest or ``Domain/reset()`` reset the machine; it goes on running.
    case rebooted
    case watchdogFired
    case diskFailed(path: String, device: String, reason: String)
    /// Something newer than this list, by libvirt's numbers.
    case other(event: Int32, detail: Int32)

    /// How a domain came to run.
    package enum StartCause: Hashable, Sendable {
        case booted, restored
        case other(Int32)
    }

    /// How a domain came to stop.
    package enum StopCause: Hashable, Sendable {
        /// The guest powered itself off.
        case shutDown
        /// ``Domain/powerOff()`` or its like.
        case destroyed
        case saved, crashed
        /// QEMU ended by itself or was killed.
        case failed
        case other(Int32)
    }

    /// From the numbers of `virDomainEventType` and the detail type that belongs to it.
    init(event: Int32, detail: Int32) {
        let kind = virDomainEventType(UInt32(bitPattern: event))
        switch kind {
        case VIR_DOMAIN_EVENT_DEFINED: self = .defined
        case VIR_DOMAIN_EVENT_UNDEFINED: self = .undefined
        case VIR_DOMAIN_EVENT_STARTED: self = .started(StartCause(detail))
        case VIR_DOMAIN_EVENT_SUSPENDED: self = .paused
        case VIR_DOMAIN_EVENT_RESUMED: self = .resumed
        case VIR_DOMAIN_EVENT_STOPPED: self = .stopped(StopCause(detail))
        case VIR_DOMAIN_EVENT_SHUTDOWN: self = .shutDown
        case VIR_DOMAIN_EVENT_CRASHED: self = .crashed
        default: self = .other(event: event, detail: detail)
        }
    }
}

extension DomainEvent.StartCause {
    fileprivate init(_ detail: Int32) {
        switch virDomainEventStartedDetailType(UInt32(bitPattern: detail)) {
        case VIR_DOMAIN_EVENT_STARTED_BOOTED: self = .booted
        case VIR_DOMAIN_EVENT_STARTED_RESTORED: self = .restored
        default: self = .other(detail)
        }
    }
}

extension DomainEvent.StopCause {
    fileprivate init(_ detail: Int32) {
        switch virDomainEventStoppedDetailType(UInt32(bitPattern: detail)) {
        case VIR_DOMAIN_EVENT_STOPPED_SHUTDOWN: self = .shutDown
        case VIR_DOMAIN_EVENT_STOPPED_DESTROYED: self = .destroyed
        case VIR_DOMAIN_EVENT_STOPPED_SAVED: self = .saved
        case VIR_DOMAIN_EVENT_STOPPED_CRASHED: self = .crashed
        case VIR_DOMAIN_EVENT_STOPPED_FAILED: self = .failed
        default: self = .other(detail)
        }
    }
}
