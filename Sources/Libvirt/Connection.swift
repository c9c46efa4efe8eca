import Clibvirt
import Synchronization

/// The one owner of a `virConnectPtr`, with the callbacks that hang on it.
///
/// A class, not a noncopyable value, because several domains' calls share it.
// SAFETY: libvirt's connections may be used by several threads at once; all stored properties are constant.
final class Connection: @unchecked Sendable {
    let pointer: virConnectPtr
    /// They end with it.
    let consoles = OpenConsoles()
    private let callbacks: [Int32]

    /// Opens the connection and reports its events and its end to `report`, which runs on the event loop's thread.
    init(uri: String, report: @escaping @Sendable (LibvirtEvent) -> Void) throws(LibvirtError) {
        try EventLoop.start()
        let subject = "libvirt at \(uri)"
        guard let pointer = virConnectOpen(uri) else { throw .last("virConnectOpen", on: subject) }
        do throws(LibvirtError) {
            // Finds a libvirtd that hangs. Patient, because guests may leave it little of the processor.
            if virConnectSetKeepAlive(pointer, 10, 6) < 0 {
                let error = LibvirtError.last("virConnectSetKeepAlive", on: subject)
                // A driver inside this process, as the test driver is, has nothing to keep alive.
                guard error.code == .noSupport else { throw error }
            }
            callbacks = try Self.register(on: pointer, subject) { [consoles] event in
                if case .disconnected = event { consoles.closeAll() }
                report(event)
            }
        } catch {
            // A daemon that died since is no fault of the call that met it first, whose words mislead: the call to keep
            // it alive speaks of a missing event loop.
            let isLost = virConnectIsAlive(pointer) != 1
            virConnectClose(pointer)
            throw isLost ? .notConnected(error.call, on: subject) : error
        }
        self.pointer = pointer
    }

    deinit {
        for callback in callbacks { virConnectDomainEventDeregisterAny(pointer, callback) }
        // Refused for drivers without a close callback, where there is none to take away.
        virConnectUnregisterCloseCallback(pointer, onClose)
        virConnectClose(pointer)
    }

    /// What a callback gets as its opaque pointer; retained until libvirt says that it has let go of it.
    private final class Reporter: Sendable {
        let report: @Sendable (LibvirtEvent) -> Void
        init(_ report: @escaping @Sendable (LibvirtEvent) -> Void) { self.report = report }
    }

    private static func register(
        on pointer: virConnectPtr,
        _ subject: String,
        _ report: @escaping @Sendable (LibvirtEvent) -> Void
    ) throws(LibvirtError) -> [Int32] {
        let reporter = Reporter(report)
        func opaque() -> UnsafeMutableRawPointer { Unmanaged.passRetained(reporter).toOpaque() }
        let closing = opaque()
        if virConnectRegisterCloseCallback(pointer, onClose, closing, release) != 0 {
            let error = LibvirtError.last("virConnectRegisterCloseCallback", on: subject)
            release(closing)
            // Nor has such a driver a connection that could break.
            guard error.code == .noSupport else { throw error }
        }
        var callbacks: [Int32] = []
        for (event, callback) in domainCallbacks {
            let domain = opaque()
            let id = virConnectDomainEventRegisterAny(
                pointer,
                nil,
                Int32(bitPattern: event.rawValue),
                callback,
                domain,
                release
            )
            guard id >= 0 else {
                let error = LibvirtError.last("virConnectDomainEventRegisterAny", on: subject)
                release(domain)
                for callback in callbacks { virConnectDomainEventDeregisterAny(pointer, callback) }
                throw error
            }
            callbacks.append(id)
        }
        return callbacks
    }

    private static let release: @convention(c) (UnsafeMutableRawPointer?) -> Void = { opaque in
        if let opaque { Unmanaged<Reporter>.fromOpaque(opaque).release() }
    }

    fileprivate static func report(_ event: LibvirtEvent, to opaque: UnsafeMutableRawPointer?) {
        guard let opaque else { return }
        Unmanaged<Reporter>.fromOpaque(opaque).takeUnretainedValue().report(event)
    }

    fileprivate static func report(
        _ event: DomainEvent,
        of domain: virDomainPtr?,
        to opaque: UnsafeMutableRawPointer?
    ) {
        guard let domain, let name = virDomainGetName(domain) else { return }
        report(.domain(String(cString: name), event), to: opaque)
    }
}

/// libvirt takes every kind of callback as the generic one and casts it back by the number of the event.
private var domainCallbacks: [(virDomainEventID, virConnectDomainEventGenericCallback)] {
    typealias Generic = virConnectDomainEventGenericCallback
    return [
        (VIR_DOMAIN_EVENT_ID_LIFECYCLE, unsafeBitCast(onLifecycle, to: Generic.self)),
        (VIR_DOMAIN_EVENT_ID_REBOOT, onReboot),
        (VIR_DOMAIN_EVENT_ID_WATCHDOG, unsafeBitCast(onWatchdog, to: Generic.self)),
        (VIR_DOMAIN_EVENT_ID_IO_ERROR_REASON, unsafeBitCast(onDiskError, to: Generic.self)),
    ]
}

private let onClose: virConnectCloseFunc = { _, reason, opaque in
    Connection.report(.disconnected(DisconnectReason(reason)), to: opaque)
}

private let onLifecycle: virConnectDomainEventCallback = { _, domain, event, detail, opaque in
    Connection.report(DomainEvent(event: event, detail: detail), of: domain, to: opaque)
    return 0
}

private let onReboot: virConnectDomainEventGenericCallback = { _, domain, opaque in
    Connection.report(.rebooted, of: domain, to: opaque)
}

private let onWatchdog: virConnectDomainEventWatchdogCallback = { _, domain, _, opaque in
    Connection.report(.watchdogFired, of: domain, to: opaque)
}

private let onDiskError: virConnectDomainEventIOErrorReasonCallback = {
    _,
    domain,
    path,
    device,
    _,
    reason,
    opaque in
    let texts = [path, device, reason].map { text in text.map { String(cString: $0) } ?? "" }
    let event = DomainEvent.diskFailed(path: texts[0], device: texts[1], reason: texts[2])
    Connection.report(event, of: domain, to: opaque)
}

/// Where the current connection is; empty while libvirtd is away.
final class ConnectionSlot: Sendable {
    private let connection = Mutex<Connection?>(nil)

    func get(_ call: String, for subject: String) throws(LibvirtError) -> Connection {
        guard let connection = connection.withLock({ $0 }) else {
            throw .notConnected(call, on: subject)
        }
        return connection
    }

    /// Replaces the connection; the old one is closed when the last call on it has returned.
    func set(_ new: Connection?) {
        // Taken out before it is released: closing may run callbacks, which must not meet a held lock.
        let old = connection.withLock { current in
            defer { current = new }
            return current
        }
        old?.consoles.closeAll()
    }
}
