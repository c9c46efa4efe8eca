import LabModel
import NIOCore
import NIOHTTP1
import Synchronization
import Uplink

/// A connection that was made outside before it was known what is to be spoken on it.
final class MadeConnection: Sendable {
    private let connection: Mutex<UplinkConnection?>

    init(_ connection: consuming UplinkConnection) { self.connection = Mutex(connection) }

    /// For who uses it; nil when somebody does already.
    ///
    /// What nobody takes is closed.
    func take() -> UplinkConnection? { connection.withLock { $0.take() } }
}

extension Connection {
    /// Makes the tunnel that was asked for in so many bytes, and sees what is spoken in it; nil when there is none.
    func tunnel(to target: UplinkTarget, behind length: Int, _ party: inout Party) async throws -> Greeting? {
        guard try await establish(target, &party) else { return nil }
        let (greeter, mayWait) = (visitor.greeter, party.mayWaitForServer && server.way.dialler != nil)
        let patience = mayWait ? Self.moment : server.limits.request
        let greeting = try await channel.eventLoop.submit { [channel] in
            try greeter.value.greet(again: channel, behind: length, patience: patience)
        }.get()
        return try await settled(greeting, party)
    }

    /// The tunnel that a client asks for behind other requests: HTTP is not spoken on its connection any more.
    func begin(again target: UplinkTarget, _ party: Party) async throws {
        let greeter = try await channel.eventLoop.submit { [channel] in
            let pipeline = channel.pipeline.syncOperations
            let greeter = Greeter()
            try channel.syncOptions?.setOption(.autoRead, value: false)
            try pipeline.addHandler(greeter)
            // The decoder goes last: only bytes may come behind it then, and it still has those that nobody read.
            pipeline.removeHandler(try pipeline.handler(type: Conversation.self), promise: nil)
            pipeline.removeHandler(try pipeline.handler(type: Doorkeeper.self), promise: nil)
            let decoder = try pipeline.handler(type: ByteToMessageHandler<HTTPRequestDecoder>.self)
            pipeline.removeHandler(decoder, promise: nil)
            return NIOLoopBound(greeter, eventLoop: channel.eventLoop)
        }.get()
        let visitor = Visitor(
            channel: channel,
            client: visitor.client,
            destination: visitor.destination,
            greeting: channel.eventLoop.makeSucceededFuture(nil),
            greeter: greeter
        )
        let (connection, party) = (Connection(visitor, server), party)
        var inner = party
        guard let greeting = try await connection.tunnel(to: target, behind: 0, &inner) else { return }
        let asked = inner
        _ = try await server.connections.during(asked, greeting) {
            try await connection.serve(greeting, asked)
        }
    }

    /// Answers whoever wants a tunnel (RFC 9110 §9.3.6): that it stands, or why it does not; false then.
    ///
    /// It stands when the server has taken the connection, as with any proxy; where the gateway itself is going to
    /// answer, in the server's name or from what was recorded, nobody outside is needed.
    private func establish(_ target: UplinkTarget, _ party: inout Party) async throws -> Bool {
        (party.asked, party.name) = (target, target.host)
        let subject = Subject(
            client: server.reporter.client(at: party.address),
            host: target.host,
            port: target.port
        )
        if let rule = refusal(of: subject, isRedirected: false) {
            try await decline("502 Bad Gateway", "\(target): Connection refused", party, fault: rule)
            return false
        }
        if !isAnsweredHere(subject) {
            guard let dialler = server.way.dialler else {
                let reason = "\(target) is outside the lab, and there is no uplink: nothing leaves the lab"
                try await decline("502 Bad Gateway", reason, party)
                return false
            }
            do {
                let purpose: UplinkPurpose = Self.portsOfTLS.contains(target.port) ? .tls : .tcp
                let made = try await dialler.connect(host: target.host, port: target.port, purpose: purpose)
                party.made = MadeConnection(made)
            } catch {
                let status = error.isTimeout ? "504 Gateway Timeout" : "502 Bad Gateway"
                try await decline(status, "cannot connect to \(target): \(error)", party)
                return false
            }
        }
        try await channel.writeAndFlush(ByteBuffer(string: "HTTP/1.1 200 Connection established\r\n\r\n"))
        return true
    }

    /// Where TLS is what comes, as far as anybody can tell before.
    private static let portsOfTLS: Set = [443, 8443]

    private func isAnsweredHere(_ subject: Subject) -> Bool {
        guard let host = subject.host, let port = subject.port else { return false }
        let isOwn = server.origins.serve(host)
        if isOwn || server.way.mode == .cache { return true }
        guard Self.portsOfTLS.contains(port) else { return false }
        return server.https.treatment(of: host, isOwn: false, in: server.way.mode) == .open
            || !server.rules.faults((any TLSFault).self, on: subject).isEmpty
    }

    private func decline(
        _ status: String,
        _ reason: String,
        _ party: Party,
        fault: String? = nil
    ) async throws {
        turnAway("CONNECT: \(status.prefix(3)) \(reason)", party, fault: fault)
        let text = "vlab gateway: \(reason)\n"
        let answer = """
            HTTP/1.1 \(status)\r
            Content-Type: text/plain; charset=utf-8\r
            Content-Length: \(text.utf8.count)\r
            Connection: close\r
            \r
            \(text)
            """
        try await channel.writeAndFlush(ByteBuffer(string: answer))
    }
}
