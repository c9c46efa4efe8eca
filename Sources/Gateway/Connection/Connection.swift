import LabModel
import NIOCore
import NIOHTTP1

/// One connection to the outside world, from the first byte on: what it speaks, whom it is meant for, and so who serves it.
struct Connection: Sendable {
    private let visitor: Visitor
    private let server: WebServer

    init(_ visitor: Visitor, _ server: WebServer) { (self.visitor, self.server) = (visitor, server) }

    private var channel: any Channel { visitor.channel }

    func run() async {
        do {
            guard let greeting = try await greeting else { return }
            // A connection that was gone before it could be looked at has no address.
            guard let address = channel.remoteAddress.flatMap({ IPv4Address($0) }) else { return }
            let destination = await OriginalDestination(of: channel)
            let party = Party(
                address: address,
                destination: destination,
                name: destination.flatMap { server.outside.name(at: $0.address) }
            )
            try await serve(greeting, party)
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

    private func serve(_ greeting: Greeting, _ party: Party) async throws {
        switch greeting {
        case .http: try await converse(party)
        // Nonsense at a web server's door is told that it is.
        case .text where party.port == WebServer.port: try await converse(party)
        case .silence: turnAway("nothing came", party)
        case .tls: turnAway("TLS, which the gateway does not speak", party)
        case .text, .binary:
            turnAway("the first bytes are not HTTP, and there is no uplink", party)
        }
    }

    private func converse(_ party: Party) async throws {
        let requests = try await channel.eventLoop.submit { try open() }.get()
        try await requests.executeThenClose { inbound, _ in
            await Conversation(channel, party, server, scheme: .http).run(inbound)
        }
    }

    /// From here on the client is listened to as one that speaks HTTP.
    private func open() throws -> NIOAsyncChannel<HTTPServerRequestPart, Never> {
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
        try visitor.greeter.value.handOver(on: channel)
        return requests
    }

    private func turnAway(_ reason: String, _ party: Party) {
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
    let name: String?

    /// The port that the client meant to reach.
    var port: Int { destination?.port ?? WebServer.port }
}
