import LabModel
import NIOCore
import NIOSSL

extension Connection {
    /// Opens the connection in the server's name, or passes it on unread, as rules and policy have it.
    func serve(_ hello: ClientHello, _ party: Party) async throws {
        var party = party
        party.scheme = .https
        // Who has several names at one address chooses the certificate by what the client says (RFC 6066 §3).
        party.name = hello.serverName ?? party.name
        let name = party.name ?? (party.destination?.address).map { "\($0)" } ?? "localhost"
        let client = server.reporter.client(at: party.address)
        let subject = Subject(client: client, host: name, port: party.port)
        let faults = server.rules.faults((any TLSFault).self, on: subject)
        var answer = TLSAnswer()
        for (fault, turn) in faults { fault.edit(&answer, turn) }
        let claims = faults.compactMap(\.turn.taken)
        var details: LabEvent.Details = ["name": name, "port": "\(party.port)"]
        if !claims.isEmpty { details["faults"] = claims.map(\.rule.id).joined(separator: ",") }
        for claim in claims {
            claim.land(["name": name])
            claim.end()
        }
        if let alert = answer.alert {
            details["reason"] = "the gateway said \(alert)"
            server.reporter.report("tls.refused", client, details)
            return try await channel.writeAndFlush(alert.record).get()
        }
        let isOwn = server.origins.serve(name)
        let treatment = server.https.treatment(of: name, isOwn: isOwn, in: server.way.mode)
        guard !claims.isEmpty || treatment == .open else {
            if server.way.dialler != nil { server.reporter.report("tls.passed", client, details) }
            return try await relay(party, else: "TLS, which is to pass unread") {
                try visitor.greeter.value.handOver(on: $0)
            }
        }
        try await open(as: name, answer.face, party, client, details)
    }

    private func open(
        as name: String,
        _ face: TLSOpener.Face,
        _ party: Party,
        _ client: Client,
        _ details: LabEvent.Details
    ) async throws {
        @Sendable func refused(_ reason: String) {
            server.reporter.report("tls.refused", client, details.with(["reason": reason]))
        }
        let outcome = channel.eventLoop.makePromise(of: Void.self)
        let handshake: NIOLoopBound<TLSHandshake>
        do {
            handshake = try await channel.eventLoop.submit {
                let (watch, speaker) = (AlertWatch(), try server.opener.handler(for: name, as: face))
                let handshake = TLSHandshake(watch, patience: server.limits.request, outcome: outcome) {
                    refused(
                        "the client left after the handshake without a word; does it trust the authority?"
                    )
                }
                try channel.pipeline.syncOperations.addHandlers(watch, speaker, handshake)
                try channel.syncOptions?.setOption(.allowRemoteHalfClosure, value: false)
                try channel.syncOptions?.setOption(.autoRead, value: true)
                try visitor.greeter.value.handOver(on: channel)
                return NIOLoopBound(handshake, eventLoop: channel.eventLoop)
            }.get()
        } catch {
            outcome.fail(error)
            throw error
        }
        do {
            try await withTaskCancellationHandler {
                try await outcome.futureResult.get()
            } onCancel: {
                channel.close(promise: nil)
            }
        } catch let failure as TLSFailure {
            return refused(failure.reason)
        }
        server.reporter.report("tls.opened", client, details)
        do {
            try await converse(party) { try handshake.value.handOver(on: $0) }
        } catch {
            channel.eventLoop.execute { handshake.value.abandon() }
            throw error
        }
    }
}
