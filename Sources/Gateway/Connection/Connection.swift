import LabModel
import NIOCore
import NIOHTTP1
import Uplink

/// One connection to the outside world, from the first byte on: what it speaks, whom it is meant for, and so who serves it.
struct Connection: Sendable {
    let visitor: Visitor
    let server: WebServer

    init(_ visitor: Visitor, _ server: WebServer) { (self.visitor, self.server) = (visitor, server) }

    var channel: any Channel { visitor.channel }

    func run() async {
        do {
            guard let address = visitor.client else {
                // Gone so soon that nobody knows who it was.
                server.reporter.report("tcp.left", nil, ["bytes": "0"])
                return await close()
            }
            var destination = try await visitor.destination.get()
            if let asked = destination?.address, OutsideNames.isProxy(asked) { destination = nil }
            var party = Party(
                address: address,
                destination: destination,
                name: destination.flatMap { server.outside.name(at: $0.address) }
            )
            if refuses(party) { return await channel.reset() }
            // Without a way out it waits in vain, and need not for long.
            if party.mayWaitForServer { hurry() }
            guard var greeting = try await settled(visitor.greeting, party) else { return await close() }
            if case .connect(let target, let length) = greeting {
                guard let seen = try await tunnel(to: target, behind: length, &party) else {
                    return await close()
                }
                greeting = seen
            }
            let tunnel = try await server.connections.during(party, greeting) {
                try await serve(greeting, party)
            }
            if let tunnel { try await begin(again: tunnel, party) }
        } catch {
            // The client left, or the gateway stops: the event of the request has said so.
        }
        await close()
    }

    func close() async {
        // Closed already is as good.
        try? await channel.close().get()
    }

    /// How long a client may be silent before its server is let speak first.
    static let moment = Duration.milliseconds(300)

    private func hurry() {
        let greeter = visitor.greeter
        let loop = channel.eventLoop
        loop.execute { greeter.value.wait(atMost: Self.moment, on: loop) }
    }

    /// Nil for who has left without a word, as an event tells, or is sent away because the gateway stops.
    func settled(_ greeting: EventLoopFuture<Greeting?>, _ party: Party) async throws -> Greeting? {
        let started = ContinuousClock.now
        let seen = try await withTaskCancellationHandler {
            try await greeting.get()
        } onCancel: {
            channel.close(promise: nil)
        }
        guard seen == nil, !Task.isCancelled else { return seen }
        let greeter = visitor.greeter
        var details = details(of: party)
        details["bytes"] = "\(try await channel.eventLoop.submit { greeter.value.said }.get())"
        details["seconds"] = (ContinuousClock.now - started).inEvents
        server.reporter.report("tcp.left", server.reporter.client(at: party.address), details)
        return nil
    }

    /// Whether a fault has it that nobody is there.
    private func refuses(_ party: Party) -> Bool {
        let subject = Subject(
            client: server.reporter.client(at: party.address),
            host: party.dialled,
            port: party.port
        )
        guard let rule = refusal(of: subject, isRedirected: party.destination != nil) else { return false }
        turnAway("refused by fault \(rule)", party, fault: rule)
        return true
    }

    /// The rule by which nobody is there; of those that got past the packet filter it has judged already.
    func refusal(of subject: Subject, isRedirected: Bool) -> String? {
        let faults = server.rules.faults((any ConnectionFault).self, on: subject)
            .filter { !(isRedirected && $0.turn.rule.isFiltered) }
        return faults.first { $0.fault.refuses($0.turn) }?.turn.rule.id
    }

    /// To whom the client wants a tunnel now, if it does.
    func serve(_ greeting: Greeting, _ party: Party) async throws -> UplinkTarget? {
        let handOver: @Sendable (any Channel) throws -> Void = { try visitor.greeter.value.handOver(on: $0) }
        switch greeting {
        case .http, .connect: return try await converse(party, handOver: handOver)
        // Nonsense at a web server's door is told that it is.
        case .text where party.port == WebServer.port: return try await converse(party, handOver: handOver)
        case .silence: try await relay(party, else: "nothing came", handOver: handOver)
        case .tls(let hello): try await serve(hello, party)
        case .brokenTLS(let refusal): turnAway(refusal.description, party)
        case .text, .binary: try await relay(party, else: "the first bytes are not HTTP", handOver: handOver)
        }
        return nil
    }

    /// `handOver` lets go of what has come already; the result is to whom the client wants a tunnel now.
    @discardableResult
    func converse(
        _ party: Party,
        handOver: @escaping @Sendable (any Channel) throws -> Void
    ) async throws -> UplinkTarget? {
        let requests = try await channel.eventLoop.submit { try open(party, handOver) }.get()
        await requests.answer()
        return await requests.tunnel
    }

    /// From here on the client is listened to as one that speaks HTTP.
    private func open(
        _ party: Party,
        _ handOver: (any Channel) throws -> Void
    ) throws -> LentRequests {
        var decoder = NIOHTTPDecoderLimitConfiguration()
        decoder.maxHeaderFieldSize = server.limits.headerBytes
        decoder.maxHeaderListSize = server.limits.headerBytes
        decoder.maxHeaderFieldCount = server.limits.headerFields
        let doorkeeper = Doorkeeper(limits: server.limits)
        let conversation = Conversation(party, server, behind: doorkeeper)
        try channel.pipeline.syncOperations.addHandlers(
            doorkeeper,
            // What comes behind a CONNECT is for somebody else.
            ByteToMessageHandler(
                HTTPRequestDecoder(leftOverBytesStrategy: .forwardBytes, limitConfiguration: decoder)
            ),
            conversation
        )
        // From now on who says that it is done has left: what is held back for it must not wait for ever.
        try channel.syncOptions?.setOption(.allowRemoteHalfClosure, value: false)
        try channel.syncOptions?.setOption(.autoRead, value: true)
        try handOver(channel)
        return LentRequests(of: conversation, on: channel)
    }

    func turnAway(_ reason: String, _ party: Party, fault: String? = nil) {
        var details = details(of: party)
        details["reason"] = reason
        details["faults"] = fault
        server.reporter.report("tcp.refused", server.reporter.client(at: party.address), details)
    }

    /// Whom it wanted to reach.
    private func details(of party: Party) -> LabEvent.Details {
        var details: LabEvent.Details = ["port": "\(party.port)"]
        details["address"] = party.destination.map { "\($0.address)" }
        details["name"] = party.name
        return details
    }
}

/// Who is at the two ends of a connection.
struct Party: Sendable {
    let address: IPAddress
    /// Whom the client meant to reach; nil when it addressed the gateway itself.
    let destination: OriginalDestination?
    /// The name of the destination.
    var name: String?

    /// What the client speaks, as far as is known yet.
    var scheme = HTTPRequest.Scheme.http

    /// Whom the client had the gateway connect to, as an HTTP proxy.
    var asked: UplinkTarget?
    /// What was made there already.
    var made: MadeConnection?

    /// The port that the client meant to reach.
    var port: Int { asked?.port ?? destination?.port ?? scheme.port }

    /// Whether each request says whom it is for.
    var isAsked: Bool { asked == nil && destination == nil }

    /// Whom to connect to; nil when the client has not said it.
    var dialled: String? { name ?? (destination?.address).map { "\($0)" } }

    /// Ports of the web, its proxies, caches and registries, where the client speaks first.
    private static let webPorts: Set = [80, 443, 3128, 3142, 5000, 8000, 8008, 8080, 8081, 8443, 8888]

    /// Whether the server may be one that speaks first.
    var mayWaitForServer: Bool { dialled != nil && !Self.webPorts.contains(port) }
}
