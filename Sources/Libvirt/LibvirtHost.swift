import Clibvirt
import Glibc
import Synchronization

/// A libvirt that runs domains: the connection to it, what it reports, and its domains.
///
///     let host = LibvirtHost(socket: "/run/libvirt/libvirt-sock")
///     try await host.connect(within: .seconds(10))
///     try await host.domain("ctl01").powerOn()
package actor LibvirtHost {
    package nonisolated let uri: String
    private nonisolated let slot = ConnectionSlot()
    private nonisolated let broadcast = Broadcast<LibvirtEvent>()
    private nonisolated let domains = Mutex<[String: Domain]>([:])
    private let executor = BlockingExecutor(label: "vlab.libvirt")
    package nonisolated var unownedExecutor: UnownedSerialExecutor { executor.asUnownedSerialExecutor() }

    package init(uri: String) { self.uri = uri }

    /// The private libvirt whose socket is at this path.
    package init(socket path: String) { self.init(uri: "qemu:///system?socket=\(path)") }

    /// Connects, again if need be: asks until libvirt answers or the limit is over, and then throws its last error.
    package func connect(within limit: Duration = .seconds(10)) async throws {
        disconnect()
        let deadline = ContinuousClock.now + limit
        while true {
            do {
                try slot.set(Connection(uri: uri, report: report))
                return broadcast.send(.connected)
            } catch {
                guard ContinuousClock.now < deadline, error.connectionLost || error.code == .system else {
                    throw error
                }
            }
            try await Task.sleep(for: .milliseconds(10))
        }
    }

    package func disconnect() { slot.set(nil) }

    /// What happens from now on, across connections, until the caller stops listening.
    package nonisolated func events() -> AsyncStream<LibvirtEvent> { broadcast.subscribe() }

    /// The domain of that name, whether it is defined yet or not.
    package nonisolated func domain(_ name: String) -> Domain {
        domains.withLock { domains in
            if let domain = domains[name] { return domain }
            let domain = Domain(name: name, slot: slot)
            domains[name] = domain
            return domain
        }
    }

    /// What a domain does now, whatever is being done to it meanwhile.
    package func state(of name: String) throws(LibvirtError) -> DomainState {
        let connection = try slot.get("virDomainGetState", for: "domain \"\(name)\"")
        return try DomainHandle(named: name, on: connection).status().state
    }

    /// Every domain that is defined or runs, by name.
    package func list() throws(LibvirtError) -> [DomainStatus] {
        let connection = try slot.get("virConnectListAllDomains", for: "the domains")
        var pointers: UnsafeMutablePointer<virDomainPtr?>?
        let count = virConnectListAllDomains(connection.pointer, &pointers, 0)
        guard count >= 0, let pointers else { throw .last("virConnectListAllDomains", on: "the domains") }
        defer { free(pointers) }
        var rows: [DomainStatus] = []
        for case let pointer? in UnsafeBufferPointer(start: pointers, count: Int(count)) {
            defer { virDomainFree(pointer) }
            var (state, reason) = (Int32(0), Int32(0))
            // One that was undefined since the listing is no error of the listing.
            guard let name = virDomainGetName(pointer), virDomainGetState(pointer, &state, &reason, 0) == 0
            else { continue }
            rows.append(DomainStatus(name: String(cString: name), state: DomainState(state), reason: reason))
        }
        return rows.sorted { $0.name < $1.name }
    }

    /// libvirt's and QEMU's version, such as `9.0.0` and `7.2.22`.
    package func versions() throws(LibvirtError) -> (libvirt: String, hypervisor: String) {
        let connection = try slot.get("virConnectGetVersion", for: "libvirt")
        var (library, hypervisor) = (UInt(0), UInt(0))
        guard virConnectGetLibVersion(connection.pointer, &library) == 0 else {
            throw .last("virConnectGetLibVersion", on: "libvirt")
        }
        guard virConnectGetVersion(connection.pointer, &hypervisor) == 0 else {
            throw .last("virConnectGetVersion", on: "libvirt")
        }
        func text(_ number: UInt) -> String {
            "\(number / 1_000_000).\(number / 1000 % 1000).\(number % 1000)"
        }
        return (text(library), text(hypervisor))
    }

    private nonisolated var report: @Sendable (LibvirtEvent) -> Void {
        { [broadcast] event in broadcast.send(event) }
    }
}
