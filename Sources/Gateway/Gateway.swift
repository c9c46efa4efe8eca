import LabModel
import NIOCore
import NIOPosix
import Synchronization

/// The outside world as the nodes see it: web servers, DNS and the time, and what breaks them.
///
/// Packets come here by redirection (see `Sandbox`); the gateway itself binds high ports only.
/// ```swift
/// let gateway = Gateway(configuration, events: { log($0) }, nodeOf: { names[$0] })
/// async let running: Void = gateway.run()
/// let ports = try await gateway.ports
/// try gateway.install(Rule(id: "mirror", "http.stall", ["at": "37%"], match: Match(path: "**/disk.img"),
///                          occurrence: .first(2, perClient: true)))
/// ```
package final class Gateway: Sendable {
    /// Which address a name outside has, and the reverse.
    package let outside = OutsideNames()

    private let configuration: GatewayConfiguration
    private let group: any EventLoopGroup
    private let reporter: Reporter
    private let way: WayOut
    private let rules: RuleBook
    private let desk: RefusalDesk?
    private let open = OpenConnections()
    private let hasStarted = Mutex(false)
    private let started = Latch<Result<GatewayPorts, GatewayError>>()

    package init(
        _ configuration: GatewayConfiguration,
        on group: any EventLoopGroup = MultiThreadedEventLoopGroup.singleton,
        events: @escaping EventSink,
        nodeOf: @escaping @Sendable (IPAddress) -> String? = { _ in nil }
    ) {
        (self.configuration, self.group) = (configuration, group)
        way = WayOut(configuration.uplink, trust: configuration.trust)
        reporter = Reporter(events: events, nodeOf: nodeOf)
        rules = RuleBook(reporter: reporter)
        desk = configuration.filter.map { [rules, outside, reporter] in
            RefusalDesk($0, rules, outside, reporter)
        }
        if let desk { outside.listen { [weak desk] in desk?.learn($0) } }
    }

    /// Where it listens, as soon as it does.
    package var ports: GatewayPorts { get async throws { try await started.value.get() } }

    /// Serves until the task is cancelled; all ports are free again when it returns.
    ///
    /// It runs once.
    package func run() async throws {
        let isFirst = hasStarted.withLock { started in
            defer { started = true }
            return !started
        }
        guard isFirst else { throw GatewayError.alreadyStarted }
        defer { started.set(.failure(.stopped)) }
        do {
            try await serve()
        } catch let error as GatewayError {
            started.set(.failure(error))
            throw error
        }
    }

    /// From the next request on.
    ///
    /// Connections go on undisturbed.
    package func install(_ rule: Rule) throws(GatewayError) {
        do {
            let fault = try FaultCatalogue.fault(rule.kind, rule.arguments)
            if fault is any ConnectionFault, rule.match.path != nil || rule.match.methods != nil {
                throw FaultError.noPath(kind: rule.kind)
            }
            try rules.install(rule, fault)
            if fault is any ConnectionFault { desk?.change() }
        } catch let error as FaultError {
            throw .noSuchFault(id: rule.id, error)
        } catch let error as GatewayError {
            throw error
        } catch {
            throw .stopped
        }
    }

    /// Halts downloads at a place until `hook` has returned, and reports it as the fault of that rule.
    package func pause(
        _ id: String,
        _ match: Match,
        _ occurrence: Occurrence,
        at place: BodyPlace,
        hook: @escaping @Sendable () async -> Void
    ) throws(GatewayError) {
        let fault = HTTPPause(at: place, hook: hook)
        try rules.install(Rule(id: id, HTTPPause.form.name, match: match, occurrence: occurrence), fault)
    }

    /// What may be done to get at what is outside, from the next request on.
    package var uplinkMode: UplinkMode {
        get { way.mode }
        set { way.mode = newValue }
    }

    /// Heals: requests are served as if the rule had never been, and what it stalled goes on where it stopped.
    ///
    /// False when there is no such rule.
    @discardableResult
    package func remove(_ id: String) -> Bool {
        let isRefusal = rules.refusals.contains { $0.rule.id == id }
        defer { if isRefusal { desk?.change() } }
        return rules.remove(id)
    }

    /// Until the packet filter too has what was installed and healed: a moment, and nothing for all other kinds.
    package func settle() async { await desk?.pending?.value }

    /// The installed rules, and how often each has bitten.
    package var installed: [(rule: Rule, bites: Int)] { rules.all }

    /// Who is talking to the outside world now, the oldest connection first.
    package var connections: [OpenConnection] { open.all(reporter) }

    private func serve() async throws {
        let dns = DNSService(
            server: NameServer(nodes: configuration.nodes, outside: outside),
            rules: rules,
            reporter: reporter,
            desk: desk
        )
        let ntp = NTPService(server: NTPServer(), rules: rules, reporter: reporter)
        let web = WebServer(
            origins: OriginTable(
                configuration.origins,
                configuration.registry,
                own: OwnSite(authority: configuration.authority)
            ),
            outside: outside,
            rules: rules,
            reporter: reporter,
            limits: configuration.limits,
            opener: TLSOpener(authority: configuration.authority),
            https: configuration.https,
            connections: open,
            way: way,
            recorded: configuration.downloads.map {
                RecordedWorld($0, patience: configuration.limits.silence, reporter: reporter)
            }
        )
        var open: [any Channel] = []
        do {
            open += try await listen(ntp)
            let time = open.last
            open += try await listen(dns)
            let names = open.last
            let listener = try await web.listen(port: configuration.ports.tcp, on: group)
            open += listener.channels
            started.set(
                .success(
                    GatewayPorts(
                        tcp: listener.channels.last?.localAddress?.port ?? 0,
                        dns: names?.localAddress?.port ?? 0,
                        ntp: time?.localAddress?.port ?? 0
                    )
                )
            )
            let executors = group.makeIterator().map { (ObjectIdentifier($0), LoopExecutor($0)) }
            defer { way.upstream?.close() }
            await withDiscardingTaskGroup { tasks in
                if let recorded = web.recorded { tasks.addTask { await recorded.run() } }
                if let desk { tasks.addTask { await desk.run() } }
                await web.run(listener, executors: Dictionary(executors) { first, _ in first })
                tasks.cancelAll()
            }
        } catch {
            await SharedPort.close(open)
            if !(error is CancellationError) { throw error }
            return
        }
        await SharedPort.close(open)
    }

    private func listen(_ service: NTPService) async throws -> [any Channel] {
        let places = AddressFamily.present.map { family -> SharedPort.Place in
            { [group] in
                try await DatagramPort.open($0, family, on: group) {
                    service.answer($0.payload, from: $0.client)
                }
            }
        }
        return try await SharedPort.open(configuration.ports.ntp, service: "NTP", at: places)
    }

    /// UDP and TCP on one port.
    private func listen(_ service: DNSService) async throws -> [any Channel] {
        let idle = configuration.limits.request
        let places = AddressFamily.present.flatMap { family -> [SharedPort.Place] in
            let datagrams: SharedPort.Place = { [group] in
                try await DatagramPort.open($0, family, on: group) {
                    service.answer($0.payload, from: $0.client, over: .udp)
                }
            }
            let stream: SharedPort.Place = { [group] in
                try await ServerBootstrap(group: group)
                    .childChannelInitializer { channel in
                        channel.eventLoop.makeCompletedFuture {
                            try channel.pipeline.syncOperations.addHandler(
                                DNSStream(service: service, idle: idle)
                            )
                        }
                    }
                    .bind(family, port: $0)
            }
            return [datagrams, stream]
        }
        return try await SharedPort.open(configuration.ports.dns, service: "DNS", at: places)
    }
}
