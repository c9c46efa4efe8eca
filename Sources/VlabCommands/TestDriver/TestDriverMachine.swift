import LabModel
import Libvirt
import Synchronization
import VirtualBMC

/// A domain of libvirt's test driver as its BMC sees it: what is asked of it is done to it, by libvirt.
final class TestDriverMachine: Chassis {
    private let domain: Domain
    private let uuid: String
    /// What each of libvirt's operations takes longer than it would.
    private let delay: Duration
    private let state = Mutex(State())

    private struct State {
        var power = PowerState.off
        /// What libvirt was told last of the boot device.
        var defined: BootDevice?
        /// Asks the BMC what a boot that begins is from.
        var beginsBoot: @Sendable () -> BootSelection? = { nil }
        /// Tells the BMC what happened.
        var tell: @Sendable (MachineEvent) -> Void = { _ in }
    }

    init(_ domain: Domain, uuid: String, delay: Duration = .zero) {
        (self.domain, self.uuid, self.delay) = (domain, uuid, delay)
    }

    func define() async throws { try await domain.define(TestDomain(name: domain.name, uuid: uuid)) }

    func onBoot(_ body: @escaping @Sendable () -> BootSelection?) {
        state.withLock { $0.beginsBoot = body }
    }

    func watch(_ tell: @escaping @Sendable (MachineEvent) -> Void) { state.withLock { $0.tell = tell } }

    // MARK: Chassis

    var powerState: PowerState { state.withLock(\.power) }
    /// Nothing runs in it.
    var processorTime: Duration { .zero }

    func perform(_ action: ChassisAction) async throws {
        switch (action, powerState) {
        case (.powerOn, .on), (.powerOff, .off): return
        case (.powerOn, .off): try await start()
        case (.powerOff, .on): try await take(.off) { try await domain.powerOff() }
        case (.powerCycle, .on):
            try await take(.off) { try await domain.powerOff() }
            try await start()
        case (.reset, .on):
            try await boot()
            try await take(.on) { try await domain.reset() }
        case (.softOff, .on): try await take(.off) { try await domain.askToStop() }
        case (.diagnosticInterrupt, .on): try await take(.on) { try await domain.interrupt() }
        case (.powerCycle, .off), (.reset, .off), (.softOff, .off), (.diagnosticInterrupt, .off):
            throw ChassisError.notInPresentState
        }
    }

    func bootSelectionChanged(_ selection: BootSelection?) async throws {
        // The test driver has no firmware whose set-up could be entered.
        if selection?.device == .bios { throw ChassisError.unsupported }
        try await define(selection?.device)
    }

    func identify(_ isLit: Bool) {}

    /// What libvirt was told last that it boots from first.
    var bootDevice: BootDevice? { state.withLock(\.defined) }

    // MARK: libvirt

    private func start() async throws {
        try await boot()
        try await take(.on) { try await domain.powerOn() }
    }

    /// A selection for one boot is spent by it, and the definition follows.
    private func boot() async throws {
        let device = state.withLock(\.beginsBoot)()?.device
        guard device != state.withLock(\.defined) else { return }
        try await define(device)
    }

    private func define(_ device: BootDevice?) async throws {
        try await Task.sleep(for: delay)
        try await domain.define(TestDomain(name: domain.name, uuid: uuid, boot: device))
        state.withLock { $0.defined = device }
    }

    /// Nobody else reaches a driver that is inside this process: the state is known when an operation has ended.
    private func take(_ power: PowerState, _ operation: () async throws -> Void) async throws {
        try await Task.sleep(for: delay)
        try await operation()
        let (isNew, tell) = state.withLock { state in
            defer { state.power = power }
            return (state.power != power, state.tell)
        }
        if isNew { tell(power == .on ? .poweredOn : .poweredOff) }
    }
}
