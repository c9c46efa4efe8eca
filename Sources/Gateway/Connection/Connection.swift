import LabModel
import NIOCore
import NIOHTTP1

/// One connection to the outside world, from the first byte on: what it speaks, whom it is meant for, and so who serves it.
struct Connection: Sendable {
    let visitor: Visitor
    let server: WebServer

    init(_ visitor: Visitor, _ server: WebServer) { (self.visitor, self.server) = (visitor, server) }

    var channel: any Channel { visitor.channel }

    func run() async {
        do {
            // A connection that was gone before it could be looked at has no address.
            guard let address = channel.remoteAddress.flatMap({ IPv4Address($0) }) else { return }
            let destination = await OriginalDestination(of: channel)
            let party = Party(
                address: address,
                destination: destination,
                name: destination.flatMap { server.outside.name(at: $0.address) }
            )
            if refuses(party) { return await channel.reset() }
            guard let greeting = try await greeting else { return }
            try await server.connections.during(party, greeting) { try await serve(greeting, party) }
        } catch {
            // The client left, or the gateway stops: the event of the request has said so.
        }
        // Closed already is as good.
        try? await channel.close().get()
    }

    /// Nil for who has left without a word, or is sent away because the gateway stops.
    private var greeting: Greeting? {
        get async throws {
            try await withTaskCancellationHandler {
                try await visitor.greeting.get()
            } onCancel: {
                channel.close(promise: nil)
            }
        }
    }

    /// Whether a fault has it that nobody is there.
    private func refuses(_ party: Party) -> Bool {
        let subject = Subject(
            client: server.reporter.client(at: party.address),
            host: party.name,
            port: party.port
        )
        let faults = server.rules.faults((any ConnectionFault).self, on: subject)
        guard let (_, turn) = faults.first(where: { $0.fault.refuses($0.turn) }) else { return false }
        turnAway("refused by fault \(turn.rule.id)", party)
        return true
    }

    private func serve(_ greeting: Greeting, _ party: Party) async throws {
        switch greeting {
        case .http: try await converse(party) { try visitor.greeter.value.handOver(on: $0) }
        // Nonsense at a web server's door is told that it is.
        case .text where party.port == WebServer.port:
            try await converse(party) { try visitor.greeter.value.handOver(on: $0) }
        case .silence: turnAway("nothing came", party)
        case .tls(let hello): try await serve(hello, party)
        case .brokenTLS(let refusal): turnAway(refusal.description, party)
        case .text, .binary:
            turnAway("the first bytes are not HTTP, and there is no uplink", party)
        }
    }

    /// `handOver` lets go of what has come already.
    func converse(
        _ party: Party,
        handOver: @escaping @Sendable (any Channel) throws -> Void
    ) async throws {
        let requests = try await channel.eventLoop.submit { try open(handOver) }.get()
        try await requests.executeThenClose { inbound, _ in
            await Conversation(channel, party, server, scheme: party.scheme).run(inbound)
        }
    }

    /// From here on the client is listened to as one that speaks HTTP.
    private func open(
        _ handOver: (any Channel) throws -> Void
    ) throws -> NIOAsyncChannel<HTTPServerRequestPart, Never> {
        var decoder = NIOHTTPDecoderLimitConfiguration()
        decoder.maxHeaderFieldSize = server.limits.targetBytes
        decoder.maxHeaderListSize = server.limits.headerBytes
        decoder.maxHeaderFieldCount = server.limits.headerFields
        try channel.pipeline.syncOperations.addHandlers(
            Doorkeeper(limits: server.limits),
            ByteToMessageHandler(HTTPRequestDecoder(limitConfiguration: decoder))
        )
        let requests = try NIOAsyncChannel<HTTPServerRequestPart, Never>(
            wrappingChannelSynchronously: channel
        )
        try channel.syncOptions?.setOption(.autoRead, value: true)
        try handOver(channel)
        return requests
    }

    func turnAway(_ reason: String, _ party: Party) {
        var details = ["reason": reason, "port": "\(party.port)"]
        details["address"] = party.destination.map { "\($0.address)" }
        details["name"] = party.name
        server.reporter.report("tcp.refused", server.reporter.client(at: party.address), details)
    }
}

/// Who is at the two ends of a connection.
struct Party: Sendable {
    let address: IPv4Address
    /// Whom the client meant to reach; nil when it addressed the gateway itself.
    let destination: OriginalDestination?
    /// The name of the destination.
    var name: String?

    /// What the client speaks, as far as is known yet.
    var scheme = HTTPRequest.Scheme.http

    /// The port that the client meant to reach.
    var port: Int { destination?.port ?? scheme.port }
}
