import Clibvirt

/// One domain, by name: one call on it at a time, while calls on other domains go on beside it.
package actor Domain {
    package nonisolated let name: String
    private let slot: ConnectionSlot
    private let executor: BlockingExecutor
    package nonisolated var unownedExecutor: UnownedSerialExecutor { executor.asUnownedSerialExecutor() }

    init(name: String, slot: ConnectionSlot) {
        (self.name, self.slot) = (name, slot)
        executor = BlockingExecutor(label: "vlab.libvirt.\(name)")
    }

    private var subject: String { "domain \"\(name)\"" }

    func connection(for call: String) throws(LibvirtError) -> Connection {
        try slot.get(call, for: subject)
    }

    func handle(for call: String) throws(LibvirtError) -> DomainHandle {
        try DomainHandle(named: name, on: connection(for: call))
    }

    /// Defines it; while it runs, what its next power-on will use.
    package func define(_ definition: DomainDefinition) throws(LibvirtError) {
        precondition(definition.name == name, "the definition of another domain")
        _ = try DomainHandle(
            defining: definition.xml,
            as: name,
            on: connection(for: "virDomainDefineXMLFlags")
        )
    }

    /// Forgets it; while it runs, once it has stopped.
    package func undefine() throws(LibvirtError) {
        let flags =
            VIR_DOMAIN_UNDEFINE_MANAGED_SAVE.rawValue | VIR_DOMAIN_UNDEFINE_SNAPSHOTS_METADATA.rawValue
        try handle(for: "virDomainUndefineFlags").call("virDomainUndefineFlags") {
            virDomainUndefineFlags($0, flags)
        }
    }

    package func powerOn(paused: Bool = false) throws(LibvirtError) {
        let flags = paused ? VIR_DOMAIN_START_PAUSED.rawValue : 0
        try handle(for: "virDomainCreateWithFlags").call("virDomainCreateWithFlags") {
            virDomainCreateWithFlags($0, flags)
        }
    }

    /// Pulls the plug.
    package func powerOff() throws(LibvirtError) {
        try handle(for: "virDomainDestroyFlags").call("virDomainDestroyFlags") {
            virDomainDestroyFlags($0, VIR_DOMAIN_DESTROY_DEFAULT.rawValue)
        }
    }

    /// Presses the power button (ACPI); the guest may shut down, or not.
    package func shutDown() throws(LibvirtError) {
        try handle(for: "virDomainShutdownFlags").call("virDomainShutdownFlags") {
            virDomainShutdownFlags($0, VIR_DOMAIN_SHUTDOWN_ACPI_POWER_BTN.rawValue)
        }
    }

    /// Presses the reset button.
    package func reset() throws(LibvirtError) {
        try handle(for: "virDomainReset").call("virDomainReset") { virDomainReset($0, 0) }
    }

    /// Raises a non-maskable interrupt: the «diagnostic interrupt» of a BMC.
    package func interrupt() throws(LibvirtError) {
        try handle(for: "virDomainInjectNMI").call("virDomainInjectNMI") { virDomainInjectNMI($0, 0) }
    }

    package func pause() throws(LibvirtError) {
        try handle(for: "virDomainSuspend").call("virDomainSuspend") { virDomainSuspend($0) }
    }

    package func resume() throws(LibvirtError) {
        try handle(for: "virDomainResume").call("virDomainResume") { virDomainResume($0) }
    }

    package func status() throws(LibvirtError) -> DomainStatus {
        let (state, reason) = try handle(for: "virDomainGetState").status()
        return DomainStatus(name: name, state: state, reason: reason)
    }

    /// Writes memory and devices to a file and stops; a domain that was paused is restored paused.
    package func save(to path: String) throws(LibvirtError) {
        try handle(for: "virDomainSaveFlags").call("virDomainSaveFlags") {
            virDomainSaveFlags($0, path, nil, 0)
        }
    }

    /// Goes on where ``save(to:)`` stopped; `paused` nil leaves it as it was saved.
    ///
    /// The boot order is then that of its last power-on: a later ``setBootOrder(_:)`` has to be repeated.
    package func restore(from path: String, paused: Bool? = nil) throws(LibvirtError) {
        let connection = try connection(for: "virDomainRestoreFlags")
        let flags =
            switch paused {
            case nil: UInt32(0)
            case true?: VIR_DOMAIN_SAVE_PAUSED.rawValue
            case false?: VIR_DOMAIN_SAVE_RUNNING.rawValue
            }
        guard virDomainRestoreFlags(connection.pointer, path, nil, flags) == 0 else {
            throw .last("virDomainRestoreFlags", on: "\(subject) in \(path)")
        }
    }
}
