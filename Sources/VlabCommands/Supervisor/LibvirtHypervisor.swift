import Lab
import LabModel
import Libvirt
import Sandbox
import Synchronization

/// A lab's machines as domains of its private libvirt.
final class LibvirtHypervisor: Hypervisor {
    private let host: LibvirtHost
    private let folder: LabFolder
    private let pod: Pod
    /// The switch that each NIC of each node is plugged into.
    private let wires: [Switch.Port: String]
    /// The largest packet on those switches that have more than the usual one.
    private let sizes: [String: Int]
    private let accelerator: Accelerator
    private let state = Mutex(State())
    private let opened = AsyncStream<(String, Console)>.makeStream()

    private struct State {
        var definitions: [String: DomainDefinition] = [:]
        var consoles: [String: Console] = [:]
    }

    init(_ host: LibvirtHost, folder: LabFolder, pod: Pod, plan: SandboxPlan, accelerator: Accelerator) {
        (self.host, self.folder, self.pod, self.accelerator) = (host, folder, pod, accelerator)
        wires = Dictionary(pod.switches.flatMap { item in item.ports.map { ($0, item.name) } }) { one, _ in
            one
        }
        sizes = Dictionary(plan.switches.compactMap { item in item.mtu.map { (item.name, $0) } }) { one, _ in
            one
        }
    }

    func define(_ node: Node) async throws {
        let definition = definition(of: node)
        try await host.domain(node.name).define(definition)
        state.withLock { $0.definitions[node.name] = definition }
    }

    func perform(_ operation: MachineOperation, on node: String) async throws {
        let domain = host.domain(node)
        switch operation {
        case .start(let order):
            var definition = try definition(of: node)
            definition.bootOrder = targets(order, of: node)
            state.withLock { $0.definitions[node] = definition }
            try await domain.define(definition)
            // The console is listened to before the first instruction, so that not a byte of it is missed.
            try await domain.powerOn(paused: true)
            try await openConsole(of: node)
            try await domain.resume()
        case .stop: try await domain.powerOff()
        case .pressPowerButton: try await domain.shutDown()
        case .reset: try await domain.reset()
        case .interrupt: try await domain.interrupt()
        }
    }

    func setBootOrder(_ order: [BootDevice], of node: String) async throws {
        try await host.domain(node).setBootOrder(targets(order, of: node))
    }

    func type(_ bytes: [UInt8], at node: String) async throws {
        guard let console = state.withLock({ $0.consoles[node] }) else {
            throw LabError(node, "its console is not open", hint: "is the machine on? vlab status says")
        }
        try console.send(bytes)
    }

    func sendBreak(to node: String) async throws { try await host.domain(node).sendBreak() }

    func setLink(of node: String, nic: String, up: Bool) async throws {
        var definition = try definition(of: node)
        guard let index = pod.node(named: node)?.nics.firstIndex(where: { $0.name == nic }) else {
            throw LabError(node, "it has no NIC \(nic)")
        }
        definition.nics[index].linkUp = up
        let changed = definition
        state.withLock { $0.definitions[node] = changed }
        let domain = host.domain(node)
        guard try await domain.status().state.isActive else { return try await domain.define(definition) }
        try await domain.setLink(ofNIC: index, up: up, in: definition)
        try await SandboxNetwork.setPort(definition.nics[index].tap, up: up)
    }

    func processorTime(of node: String) -> Duration { ProcessorTime.ofDomain(node) ?? .zero }

    /// Puts an image into a machine's drive, on or off; nil takes it out.
    func setImage(_ image: String?, of node: String) async throws {
        var definition = try definition(of: node)
        definition.drive = .init(image: image)
        let changed = definition
        let domain = host.domain(node)
        if try await domain.status().state.isActive {
            try await domain.setImage(image)
        } else {
            try await domain.define(changed)
        }
        state.withLock { $0.definitions[node]?.drive = changed.drive }
    }

    /// What happens to the machines from now on, for `run`.
    func events() -> AsyncStream<LibvirtEvent> { host.events() }

    /// Tells what happens to the machines, until cancelled.
    func run(
        _ events: AsyncStream<LibvirtEvent>,
        _ tell: @escaping @Sendable (String, MachineChange) async -> Void
    ) async {
        await withDiscardingTaskGroup { group in
            group.addTask { [self] in
                for await event in events { await pass(event, tell) }
            }
            for await (node, console) in opened.stream {
                group.addTask {
                    for await bytes in console.output { await tell(node, .console(bytes)) }
                }
            }
        }
    }

    private func pass(_ event: LibvirtEvent, _ tell: (String, MachineChange) async -> Void) async {
        switch event {
        case .domain(let node, .started) where await isActive(node) ?? true: await tell(node, .started)
        case .domain(let node, .stopped(let cause)) where await isActive(node) != true:
            await tell(node, .stopped(cause: "\(cause)"))
        case .domain(let node, .rebooted): await tell(node, .rebooted)
        case .domain, .disconnected: break
        case .connected: await catchUp(tell)
        }
    }

    /// Whether its machine runs now: an event that was long in coming may tell of a run before this one.
    ///
    /// Nil for a domain that cannot be asked, of which the event is the last that is known.
    private func isActive(_ node: String) async -> Bool? {
        try? await host.state(of: node).isActive
    }

    /// After libvirtd was away: what its machines do now, and their consoles again.
    private func catchUp(_ tell: (String, MachineChange) async -> Void) async {
        for node in pod.nodes.map(\.name) {
            // A domain that cannot be asked is taken for stopped: its next power action says more.
            let isActive = await isActive(node) ?? false
            if isActive { try? await openConsole(of: node) }  // Without it the machine runs on unheard.
            await tell(node, isActive ? .started : .stopped(cause: "ended while libvirt was away"))
        }
    }

    private func openConsole(of node: String) async throws {
        let console = try await host.domain(node).openConsole()
        state.withLock { $0.consoles[node] = console }
        opened.continuation.yield((node, console))
    }

    private func definition(of node: String) throws -> DomainDefinition {
        guard let definition = state.withLock({ $0.definitions[node] }) else {
            throw LabError(node, "its machine is not defined")
        }
        return definition
    }

    private func definition(of node: Node) -> DomainDefinition {
        var definition = DomainDefinition(
            name: node.name,
            uuid: node.uuid,
            serial: node.serial,
            cpus: node.cpus,
            memory: node.memory,
            accelerator: accelerator
        )
        definition.disks = node.disks.indices.map {
            .init(path: folder.disk($0, of: node.name), format: .raw)
        }
        let bootNIC = bootNIC(of: node)
        definition.nics = node.nics.enumerated().map { index, nic in
            let bridge = wires[Switch.Port(node: node.name, nic: nic.name)] ?? nic.name
            var card = DomainDefinition.NetworkCard(
                mac: nic.mac,
                bridge: bridge,
                tap: pod.portName(of: node.name, nic.name),
                bootROM: index == bootNIC
            )
            card.mtu = sizes[bridge]
            return card
        }
        definition.drive = .init()
        definition.bootOrder = targets(Machine.order(for: nil), of: node.name)
        definition.consoleLog = folder.console(of: node.name)
        definition.firmwareOnSerial = true
        return definition
    }

    /// The NIC on the network that nodes are installed from.
    private func bootNIC(of node: Node) -> Int {
        let port = pod.bootstrapNetwork.flatMap { pod.port(of: node, on: $0) }
        return node.nics.firstIndex { $0.name == port?.nic } ?? 0
    }

    private func targets(_ order: [BootDevice], of node: String) -> [BootTarget] {
        guard let node = pod.node(named: node) else { return [] }
        return order.compactMap { device in
            switch device {
            case .disk: node.disks.isEmpty ? nil : .disk(0)
            case .pxe: node.nics.isEmpty ? nil : .nic(bootNIC(of: node))
            case .cdrom: .drive
            case .bios: nil
            }
        }
    }
}
