import IPMI
import LabModel
import NIOCore
import NIOPosix
import Synchronization

/// One BMC on UDP.
///
///     let server = try BMCServer(configuration, chassis: machine, events: events)
///     try await server.start()          // From here on it answers …
///     try await server.run()            // … and has the machine do what it is asked to, until the task is cancelled.
///
/// Answers that need no machine come from the event loop itself; what the machine does runs beside it.
package final class BMCServer: Sendable {
    package let node: String
    let configuration: BMCConfiguration
    let chassis: any Chassis
    let events: EventSink?
    private let serial: SerialLink?
    private let network: (any BMCNetwork)?
    private let group: any EventLoopGroup
    let bmc: Mutex<BMC>
    private let processorTime: @Sendable () -> Duration
    private let ways = Mutex(BMCWays())
    private let works: AsyncStream<Work>
    private let workToDo: AsyncStream<Work>.Continuation
    private let waiting = Mutex(Waiting())
    /// Who wants to know of new entries of the event log, and the last that was told.
    private let logWatch = Mutex<(tell: @Sendable (EventLogEntry) -> Void, seen: UInt16?)?>(nil)

    private static let datagramsAtOnce = 8
    /// No message of IPMI comes near that; what is longer is cut, and dropped for its length.
    private static let longestDatagram = 1024

    /// What the machine is to do.
    private enum Work: Sendable {
        case perform(Operation, Ticket)
        case forgetBoot
    }

    /// Those who are told when the machine has done what they asked for.
    private struct Waiting {
        var continuations: [Ticket: CheckedContinuation<CompletionCode, Never>] = [:]
        var isOver = false
    }

    package init(
        _ configuration: BMCConfiguration,
        chassis: any Chassis,
        serial: (any SerialPort)? = nil,
        network: (any BMCNetwork)? = nil,
        on group: any EventLoopGroup = MultiThreadedEventLoopGroup.singleton,
        events: EventSink? = nil
    ) throws(BMCError) {
        (node, self.configuration, self.chassis) = (configuration.node, configuration, chassis)
        (self.group, self.events, self.network) = (group, events, network)
        processorTime = { chassis.processorTime }
        let node = configuration.node
        self.serial = serial.map { SerialLink($0, node: node, events: events) }
        var bmc = try configuration.makeBMC()
        bmc.hasSerialPort = serial != nil
        bmc.isTraced = events != nil
        self.bmc = Mutex(bmc)
        (works, workToDo) = AsyncStream.makeStream()
    }

    // MARK: Life

    /// Where it listens; nil before `start` and after `run`.
    package var port: Int? { ways.withLock { $0.open.last?.channel.localAddress?.port } }

    /// Where it is reached at present.
    package var address: IPv4Address { ways.withLock { $0.open.last?.address } ?? configuration.address }

    /// Where it is reached, now and whenever that has changed: while it moves at the old address and the new one.
    ///
    /// Each call is a look of its own, which misses what was true only between two glances.
    package var addresses: AsyncStream<Set<IPv4Address>> {
        ways.withLock { $0.watch() }
    }

    /// Listens, and answers from then on.
    package func start() async throws(BMCError) {
        try await listen(at: configuration.address, port: configuration.port)
        if let port { bmc.withLock { $0.port = UInt16(port) } }
    }

    private func listen(at address: IPv4Address, port: Int) async throws(BMCError) {
        let number = ways.withLock { ways in
            defer { ways.next &+= 1 }
            return ways.next
        }
        do {
            let bound = try await DatagramBootstrap(group: group.next())
                // One look takes what several consoles have sent; each waits for its answer, so a second look at
                // once would find nothing.
                .channelOption(.maxMessagesPerRead, value: 1)
                .channelOption(.datagramVectorReadMessageCount, value: Self.datagramsAtOnce)
                .channelOption(
                    .recvAllocator,
                    value: FixedSizeRecvByteBufferAllocator(
                        capacity: Self.datagramsAtOnce * Self.longestDatagram
                    )
                )
                .channelInitializer { [self] channel in
                    channel.eventLoop.makeCompletedFuture {
                        try channel.pipeline.syncOperations.addHandler(BMCHandler(self, way: number))
                    }
                }
                .bind(host: "\(address)", port: port)
                .get()
            ways.withLock { $0.open.append((number, address, bound)) }
        } catch {
            throw .cannotBind(node: node, address: "\(address):\(port)", reason: "\(error)")
        }
    }

    /// Has the machine do what the BMC is asked for until the task is cancelled, then stops listening.
    package func run() async throws(BMCError) {
        if port == nil { try await start() }
        await withDiscardingTaskGroup { group in
            if let serial { group.addTask { await serial.run() } }
            for await work in works { group.addTask { await self.perform(work) } }
        }
        letGo()
        while let way = ways.withLock({ $0.open.popLast() }) { await close(way.channel) }
    }

    private func close(_ channel: any Channel) async {
        do {
            try await channel.close()
        } catch {
            // It was closed already.
        }
    }

    // MARK: What the machine says

    /// Called when the machine begins a boot: what it must boot from, nil for what its firmware likes.
    ///
    /// A selection for one boot is spent by that. The cause counts: a boot that no chassis control asked for clears
    /// flags that wait (IPMI 2.0 §28.12, parameter 3); `.unknown` lets them hold.
    @discardableResult
    package func machineBoots(_ cause: RestartCause) -> BootSelection? {
        defer { carryOut([]) }
        return bmc.withLock { bmc in
            defer { notice(&bmc) }
            return bmc.boots(cause, at: .sinceStart)
        }.flatMap(BootSelection.init)
    }

    /// Called when something happened to the machine: the event log has it from now on.
    package func machineEvent(_ event: MachineEvent) {
        let known: PlatformEvent? =
            switch event {
            case .poweredOn: .poweredOn
            case .poweredOff: .poweredOff
            case .link(let name, let isUp):
                configuration.nics.firstIndex { $0.name == name }.map { .link(nic: $0, up: isUp) }
            }
        guard let known else { return }
        bmc.withLock { bmc in
            bmc.note(known, at: .sinceStart)
            notice(&bmc)
        }
        // The BMC may have something to do about it.
        carryOut([])
    }

    // MARK: For another protocol on the same state

    /// As the BMC reports it, which misbehaving it may do wrong.
    package var powerState: PowerState {
        let machine = machine
        return bmc.withLock { $0.reportedPower(machine, at: .sinceStart) } ? .on : .off
    }

    /// Calls `tell` with each entry that the event log gets from now on; it must return at once, and ask nothing here.
    package func watchLog(_ tell: @escaping @Sendable (EventLogEntry) -> Void) {
        let newest = bmc.withLock(\.newestEntry)
        logWatch.withLock { $0 = (tell, newest) }
    }

    /// Looks whether the event log has grown.
    private func notice(_ bmc: inout BMC) {
        logWatch.withLock { watch in
            guard let (tell, seen) = watch, bmc.newestEntry != seen else { return }
            watch?.seen = bmc.newestEntry
            let log = bmc.eventLog
            let known = log.lastIndex { $0.id == seen }.map { $0 + 1 } ?? max(0, log.count - 1)
            for entry in log[known...] { tell(entry) }
        }
    }

    /// Looks at the BMC as it is now.
    package func inspect<Result>(_ look: (BMC) throws -> Result) rethrows -> Result {
        try bmc.withLock { bmc in try look(bmc) }
    }

    /// Changes what the machine has no part in, and does what comes of it.
    package func change<Result>(
        _ body: (inout BMC, Duration, MachineState) throws -> (Result, [Action])
    ) rethrows -> Result {
        let machine = machine
        let (result, actions) = try bmc.withLock { bmc in
            defer { notice(&bmc) }
            return try body(&bmc, .sinceStart, machine)
        }
        carryOut(actions)
        return result
    }

    /// Has the machine do something, and returns when it is done or known to have failed, however long it takes.
    package func perform(_ operation: Operation) async -> CompletionCode {
        await withCheckedContinuation { continuation in
            let machine = machine
            let (ticket, actions) = bmc.withLock { bmc in
                defer { notice(&bmc) }
                return bmc.ask(operation, at: .sinceStart, machine: machine)
            }
            let isOver = waiting.withLock { waiting in
                if !waiting.isOver { waiting.continuations[ticket] = continuation }
                return waiting.isOver
            }
            if isOver { continuation.resume(returning: .destinationUnavailable) } else { carryOut(actions) }
        }
    }

    /// Does what actions ask for; the handler sends, and looks when the BMC next wants to be woken.
    private func carryOut(_ actions: [Action]) {
        for action in actions { follow(action) }
        send(actions.filter(\.isSend))
    }

    /// Has each answer go out where its console has spoken to the BMC.
    func send(_ answers: [Action]) {
        for way in ways.withLock(\.open) {
            way.channel.pipeline.fireUserInboundEventTriggered(BMCHandler.Woken(actions: answers))
        }
    }

    /// Nobody waits for a BMC that has stopped.
    private func letGo() {
        let left = waiting.withLock { waiting in
            defer { waiting = Waiting(isOver: true) }
            return waiting.continuations.values
        }
        for continuation in left { continuation.resume(returning: .destinationUnavailable) }
    }

    // MARK: For the handler

    private var machine: MachineState {
        MachineState(isPowered: chassis.powerState == .on, processorTime: processorTime)
    }

    /// What the BMC wants done, and when it wants to be woken.
    struct Wishes {
        var actions: [Action]
        var deadline: Duration?
        /// The consoles that want to hear what the machine prints.
        var watchers: [ConsoleWatcher]

        init(_ actions: [Action], of bmc: BMC) {
            (self.actions, deadline, watchers) = (actions, bmc.nextDeadline, bmc.consoleWatchers)
        }
    }

    func receive(_ datagram: [UInt8], from client: Client) -> Wishes {
        let machine = machine
        let wishes = bmc.withLock { bmc in
            defer { notice(&bmc) }
            return Wishes(bmc.receive(datagram, from: client, at: .sinceStart, machine: machine), of: bmc)
        }
        listen(for: wishes.watchers)
        return wishes
    }

    func advance() -> Wishes {
        let wishes = bmc.withLock { bmc in
            defer { notice(&bmc) }
            return Wishes(bmc.advance(to: .sinceStart), of: bmc)
        }
        listen(for: wishes.watchers)
        return wishes
    }

    /// Has these consoles, and no others, hear what the machine prints.
    private func listen(for watchers: [ConsoleWatcher]) {
        serial?
            .settle(watchers) { [weak self] bytes, watcher in
                guard let self else { return }
                carryOut(bmc.withLock { $0.consoleOutput(bytes, to: watcher, at: .sinceStart) })
            }
    }

    /// Does what an action asks for, but for sending.
    func follow(_ action: Action) {
        switch action {
        case .send, .drop: break
        case .settled(let ticket, let completion):
            waiting.withLock { $0.continuations.removeValue(forKey: ticket) }?.resume(returning: completion)
        case .perform(let operation, let ticket): workToDo.yield(.perform(operation, ticket))
        case .forgetBoot: workToDo.yield(.forgetBoot)
        case .identify(let light): chassis.identify(light != .off)
        case .type(let bytes): serial?.type(bytes)
        case .sendBreak: serial?.sendBreak()
        case .report(let report): events?(LabEvent(report, node: node))
        case .bit(let bite): if let event = LabEvent(bite, node: node) { events?(event) }
        }
    }

    // MARK: Work

    private func perform(_ work: Work) async {
        switch work {
        case .forgetBoot:
            do {
                try await chassis.bootSelectionChanged(nil)
            } catch {
                events?(LabEvent("boot.device", node: node, ["device": "none", "error": "\(error)"]))
            }
        case .perform(let operation, let ticket):
            let completion: CompletionCode
            do {
                try await execute(operation)
                completion = .success
            } catch {
                completion = CompletionCode(error)
            }
            let actions = bmc.withLock { bmc in
                defer { notice(&bmc) }
                return bmc.complete(ticket, completion, at: .sinceStart)
            }
            carryOut(actions)
            if case .move = operation, completion == .success { await leaveOldAddress() }
        }
    }

    private func execute(_ operation: Operation) async throws {
        switch operation {
        case .control(let control): try await chassis.perform(ChassisAction(control))
        case .boot(let flags): try await chassis.bootSelectionChanged(BootSelection(flags))
        case .move(let settings): try await move(to: IPv4Address(bits: settings.address))
        }
    }

    // MARK: Another address

    /// Answers at the new address too, or stays where it is and throws.
    private func move(to new: IPv4Address) async throws {
        guard let network, let port else { throw ChassisError.notInPresentState }
        try await network.add(new)
        do {
            try await listen(at: new, port: port)
        } catch {
            try await network.remove(new)
            throw error
        }
    }

    /// A moment later, so that who has asked for it hears the answer, the old address is left.
    private func leaveOldAddress() async {
        do {
            try await Task.sleep(for: configuration.farewell)
        } catch {
            // The BMC stops, and so leaves at once.
        }
        while let old = ways.withLock({ $0.open.count > 1 ? $0.open.removeFirst() : nil }) {
            await close(old.channel)
            do {
                try await network?.remove(old.address)
                events?(LabEvent("bmc.address", node: node, ["from": "\(old.address)", "to": "\(address)"]))
            } catch {
                events?(
                    LabEvent("bmc.address", node: node, ["from": "\(old.address)", "error": "\(error)"])
                )
            }
        }
    }
}

extension Duration {
    /// The time that the BMCs go by: monotonic, from any fixed moment.
    static var sinceStart: Duration { .nanoseconds(Int64(NIODeadline.now().uptimeNanoseconds)) }
}
