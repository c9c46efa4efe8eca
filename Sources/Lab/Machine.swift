import LabModel
import Synchronization

/// What can be asked of a node's power: what a BMC's chassis control offers (IPMI 2.0 §28.3).
package enum PowerAction: String, Sendable, CaseIterable, Codable {
    case on, off, cycle, reset, soft, interrupt
}

/// Why a node's power was not changed.
package struct PowerError: Error, CustomStringConvertible {
    package var node: String
    package var action: PowerAction
    package var reason: String
    /// Asked for in a state that does not allow it: a reset of a machine that is off.
    package var isWrongState: Bool
    package var description: String { "\(node): cannot power \(action.rawValue): \(reason)" }
}

/// One machine of the lab: its power, what it boots from, its console.
package actor Machine {
    /// What the BMC's boot flags say.
    package struct BootChoice: Sendable, Hashable {
        package var device: BootDevice
        package var isPersistent: Bool
        package init(device: BootDevice, isPersistent: Bool) {
            (self.device, self.isPersistent) = (device, isPersistent)
        }
    }

    package nonisolated let node: Node
    package nonisolated let console: ConsoleLog
    private let hypervisor: any Hypervisor
    private let emit: EventSink
    private var isTaken = false
    private var waiting: [CheckedContinuation<Void, Never>] = []
    private nonisolated let state = Mutex(State())

    /// Resets that follow each other as quickly as this are one.
    private let oneReset: Duration

    private struct State {
        var power = PowerState.off
        /// What the flags asked for, not yet consumed by a boot.
        var choice: BootChoice?
        /// Whether the machine still has the order of a choice that held for the boot which has just begun.
        var hasUsedOrder = false
        var linksDown: Set<String> = []
        var boots = 0
        var bootBegan = ContinuousClock.now
        var tell: @Sendable (Happening) -> Void = { _ in }
    }

    package init(
        _ node: Node,
        on hypervisor: any Hypervisor,
        oneReset: Duration = .seconds(1),
        emit: @escaping EventSink
    ) {
        (self.node, self.hypervisor, self.oneReset, self.emit) = (node, hypervisor, oneReset, emit)
        console = ConsoleLog(node: node.name, emit: emit)
    }

    /// What happens to it that its BMC notes.
    package enum Happening: Sendable, Hashable {
        case poweredOn
        case poweredOff
        /// A boot begins: flags that hold for it alone are spent.
        case boots
        case link(nic: String, up: Bool)
    }

    /// Known at once: what the hypervisor said last.
    package nonisolated var power: PowerState { state.withLock(\.power) }
    package nonisolated var linksDown: Set<String> { state.withLock(\.linksDown) }
    /// How often it has begun to boot since it was defined.
    package nonisolated var boots: Int { state.withLock(\.boots) }
    /// What it has used since it was started.
    package nonisolated var processorTime: Duration { hypervisor.processorTime(of: node.name) }

    /// Called with whatever happens from now on.
    package nonisolated func watch(_ tell: @escaping @Sendable (Happening) -> Void) {
        state.withLock { $0.tell = tell }
    }

    private nonisolated func tell(_ happening: Happening) { state.withLock(\.tell)(happening) }

    package func define() async throws { try await hypervisor.define(node) }

    /// One action at a time; returns when it is done.
    package func perform(_ action: PowerAction) async throws {
        await takeTurn()
        defer { endTurn() }
        switch (action, power) {
        case (.on, .on), (.off, .off): return
        case (.on, .off): try await start()
        case (.off, .on): try await hypervisor.perform(.stop, on: node.name)
        case (.cycle, .on):
            try await hypervisor.perform(.stop, on: node.name)
            noteStopped(cause: "power cycle")
            try await start()
        case (.reset, .on):
            await restoreOrder()
            // However soon after the last one: this is a boot of its own.
            state.withLock { $0.bootBegan -= oneReset }
            try await hypervisor.perform(.reset, on: node.name)
        case (.soft, .on): try await hypervisor.perform(.pressPowerButton, on: node.name)
        case (.interrupt, .on): try await hypervisor.perform(.interrupt, on: node.name)
        case (.cycle, .off), (.reset, .off), (.soft, .off), (.interrupt, .off):
            throw PowerError(
                node: node.name,
                action: action,
                reason: "the machine is off",
                isWrongState: true
            )
        }
        if action == .off { noteStopped(cause: "power off") }
    }

    private func takeTurn() async {
        if isTaken { await withCheckedContinuation { waiting.append($0) } }
        isTaken = true
    }

    private func endTurn() {
        if waiting.isEmpty { isTaken = false } else { waiting.removeFirst().resume() }
    }

    private func start() async throws {
        let order = Self.order(for: state.withLock(\.choice))
        try await hypervisor.perform(.start(order: order), on: node.name)
        state.withLock { $0.power = .on }
        emit(LabEvent("power.on", node: node.name, ["boot": order.map(\.rawValue).joined(separator: ",")]))
        tell(.poweredOn)
        await booted()
    }

    /// The BMC's flags changed: the machine's next boot honours them.
    package func choose(_ choice: BootChoice?) async throws {
        state.withLock { state in
            (state.choice, state.hasUsedOrder) = (choice, false)
        }
        emit(
            LabEvent(
                "boot.device",
                node: node.name,
                [
                    "device": choice?.device.rawValue ?? "default",
                    "persistent": "\(choice?.isPersistent ?? false)",
                ]
            )
        )
        guard power == .on else { return }
        try await hypervisor.setBootOrder(Self.order(for: choice), of: node.name)
    }

    /// A boot began: flags that hold once are used up, and the boot after this one goes back to the usual order.
    private func booted() async {
        state.withLock { state in
            state.boots += 1
            state.bootBegan = .now
            guard let used = state.choice, !used.isPersistent else { return }
            (state.choice, state.hasUsedOrder) = (nil, true)
        }
        console.begin()
        tell(.boots)
    }

    /// Takes back the order of a choice that held once.
    ///
    /// Not before the firmware has made use of it: while it starts it
    /// may reset the machine once more, and each reset reads the order anew.
    private func restoreOrder() async {
        let isDue = state.withLock { state in
            defer { state.hasUsedOrder = false }
            return state.hasUsedOrder
        }
        guard isDue else { return }
        do {
            try await hypervisor.setBootOrder(Self.order(for: nil), of: node.name)
        } catch {
            emit(LabEvent("boot.failed", node: node.name, ["why": "\(error)"]))
        }
    }

    /// What the hypervisor tells.
    package func note(_ change: MachineChange) async {
        switch change {
        case .started: state.withLock { $0.power = .on }
        case .stopped(let cause): noteStopped(cause: cause)
        case .rebooted:
            // A guest that resets itself often asks by several ways at once: that is one boot.
            guard state.withLock({ $0.bootBegan.duration(to: .now) > oneReset }) else { return }
            emit(LabEvent("power.reset", node: node.name))
            await booted()
        case .console(let bytes):
            console.receive(bytes)
            if console.hasChosen { await restoreOrder() }
        }
    }

    private nonisolated func noteStopped(cause: String) {
        let wasOn = state.withLock { state in
            defer { state.power = .off }
            return state.power == .on
        }
        guard wasOn else { return }
        emit(LabEvent("power.off", node: node.name, ["cause": cause]))
        tell(.poweredOff)
    }

    /// Types at the serial console.
    package func type(_ bytes: [UInt8]) async throws {
        guard power == .on else { throw LabError(node.name, "the machine is off", hint: "power it on first") }
        try await hypervisor.type(bytes, at: node.name)
    }

    /// Sends a break on the serial line.
    package func sendBreak() async throws {
        guard power == .on else { throw LabError(node.name, "the machine is off", hint: "power it on first") }
        try await hypervisor.sendBreak(to: node.name)
    }

    /// Takes or gives the carrier of one NIC.
    package func setLink(_ nic: String, up: Bool) async throws {
        try await hypervisor.setLink(of: node.name, nic: nic, up: up)
        state.withLock { state in
            if up { state.linksDown.remove(nic) } else { state.linksDown.insert(nic) }
        }
        emit(LabEvent(up ? "link.up" : "link.down", node: node.name, ["nic": nic]))
        tell(.link(nic: nic, up: up))
    }

    /// The order as a PC's firmware has it: the disk, then the network; a choice goes to the front.
    package static func order(for choice: BootChoice?) -> [BootDevice] {
        switch choice?.device {
        case nil, .disk: [.disk, .pxe]
        case .pxe: [.pxe, .disk]
        case .cdrom: [.cdrom, .disk, .pxe]
        case .bios: [.disk, .pxe]
        }
    }
}
