import LabModel
import NIOCore
import NIOHTTP1

/// One connection that speaks HTTP: requests come in, answers go out, one after the other.
struct Conversation: Sendable {
    // NIO's iterator may not change isolation, hence `@concurrent` wherever it is handed on; all of it runs on the
    // channel's event loop nevertheless, by the task's executor.
    private typealias Requests = NIOAsyncChannelInboundStream<HTTPServerRequestPart>.AsyncIterator

    /// What became of one request.
    private enum Outcome { case keepAlive, close, reset, linger }

    private let channel: any Channel
    private let party: Party
    private let server: WebServer
    private let scheme: HTTPRequest.Scheme

    init(_ channel: any Channel, _ party: Party, _ server: WebServer, scheme: HTTPRequest.Scheme) {
        (self.channel, self.party, self.server, self.scheme) = (channel, party, server, scheme)
    }

    private var client: Client { server.reporter.client(at: party.address) }

    @concurrent
    func run(_ inbound: NIOAsyncChannelInboundStream<HTTPServerRequestPart>) async {
        var requests = inbound.makeAsyncIterator()
        do {
            try await converse(&requests)
        } catch {
            // The client left, or the gateway stops: the event of the request has said so.
        }
    }

    @concurrent
    private func converse(_ requests: inout Requests) async throws {
        while true {
            let outcome: Outcome
            do {
                guard let head = try await nextRequest(&requests) else { return }
                outcome = try await answer(head)
            } catch let turnaway as Turnaway {
                switch turnaway {
                case .idle: return
                case .tooSlow:
                    outcome = try await refuse(
                        HTTPRefusal(status: .requestTimeout, reason: turnaway.description)
                    )
                }
            } catch let refusal as HTTPRefusal {
                outcome = try await refuse(refusal)
            } catch let error as HTTPParserError {
                outcome = try await refuse(HTTPRefusal(error))
            }
            switch outcome {
            case .keepAlive:
                channel.triggerUserOutboundEvent(Doorkeeper.Notice.responseComplete, promise: nil)
            case .close: return
            case .reset: return await channel.reset()
            case .linger: return await linger()
            }
        }
    }

    /// The next request's head, once all of its body has come and was thrown away; nil at the end of the connection.
    @concurrent
    private func nextRequest(_ requests: inout Requests) async throws -> HTTPRequestHead? {
        guard case .head(let head)? = try await requests.next() else { return nil }
        guard head.uri.utf8.count <= server.limits.targetBytes else {
            throw HTTPRefusal(status: .uriTooLong, reason: "the URL is too long")
        }
        // Who asks first whether to send a body (RFC 9110 §10.1.1) gets the final answer instead.
        if head.headers.contains(name: "Expect") {
            throw HTTPRefusal(status: .expectationFailed, reason: "no request here needs a body")
        }
        var bodyBytes = 0
        while case .body(let part)? = try await requests.next() {
            bodyBytes += part.readableBytes
            guard bodyBytes <= server.limits.requestBodyBytes else {
                throw HTTPRefusal(status: .payloadTooLarge, reason: "the request's body is too large")
            }
        }
        channel.triggerUserOutboundEvent(Doorkeeper.Notice.requestComplete, promise: nil)
        return head
    }

    private func answer(_ head: HTTPRequestHead) async throws -> Outcome {
        let target = try RequestTarget(head, server: party.name)
        let request = HTTPRequest(
            head: head,
            target: target,
            scheme: scheme,
            port: party.port,
            client: client
        )
        let subject = request.subject
        let faults = server.rules.faults((any HTTPFault).self, on: subject)
        let flowFaults = server.rules.faults((any FlowFault).self, on: subject)
        let transfer = Transfer(channel, url: request.url, sendsFiles: scheme == .http)
        var delivery = Delivery(status: .internalServerError, source: .gateway)
        var keepAlive = head.isKeepAlive
        let outcome: Outcome
        do {
            try await receive(request, flowFaults)
            var asked = request
            for (fault, turn) in faults { fault.edit(&asked, turn) }
            delivery =
                faults.lazy.compactMap { $0.fault.answer(asked, $0.turn) }.first
                ?? server.origins.answer(asked)
            if head.method == .HEAD { delivery.leaveOutBody() }
            for (fault, turn) in faults { fault.edit(&delivery, of: request, turn) }
            for (fault, turn) in flowFaults where fault.direction == .down {
                fault.edit(&delivery.flow, turn)
            }
            keepAlive = delivery.complete(keepAlive: keepAlive, version: head.version)
            try await transfer.send(delivery)
            outcome = keepAlive ? .keepAlive : .close
            served(request, delivery, transfer, faults.map(\.turn) + flowFaults.map(\.turn), "complete")
        } catch {
            let words: String
            switch error {
            case Pump.Cut.close: words = "cut"
            case Pump.Cut.reset: words = "reset"
            default: words = Task.isCancelled ? "gateway stopped" : "client left"
            }
            served(request, delivery, transfer, faults.map(\.turn) + flowFaults.map(\.turn), words)
            switch error {
            case Pump.Cut.close: outcome = .close
            case Pump.Cut.reset: outcome = .reset
            default: throw error
            }
        }
        return outcome
    }

    /// The request has come; now it travels up to the server, as faults have it.
    private func receive(
        _ request: HTTPRequest,
        _ faults: [(fault: any FlowFault, turn: Turn)]
    ) async throws {
        var flow = Flow()
        for (fault, turn) in faults where fault.direction == .up { fault.edit(&flow, turn) }
        guard !flow.isPlain else { return }
        var pump = Pump(flow, channel: channel, url: request.url) { _ in }
        try await pump.send(.bytes(ByteBuffer(repeating: 0, count: request.headLength)))
        try await pump.finish()
    }

    private func served(
        _ request: HTTPRequest,
        _ delivery: Delivery,
        _ transfer: Transfer,
        _ turns: [Turn],
        _ outcome: String
    ) {
        let record = transfer.record
        var details = [
            "method": request.head.method.rawValue, "url": request.url, "host": request.target.host,
            "path": request.target.path, "status": "\(delivery.status.code)", "bytes": "\(record.bytes)",
            "seconds": record.elapsed.inEvents, "outcome": outcome, "source": delivery.source.rawValue,
        ]
        details["total"] = record.total.map(String.init)
        details["firstByte"] = record.firstByte?.inEvents
        details["range"] = request.head.headers.first(name: "Range")
        let claims = turns.compactMap(\.taken)
        let faults = claims.filter(\.landed).map(\.rule.id)
        if !faults.isEmpty { details["faults"] = faults.joined(separator: ",") }
        for claim in claims { claim.end() }
        server.reporter.report("http.served", request.client, details)
    }

    private func refuse(_ refusal: HTTPRefusal) async throws -> Outcome {
        channel.triggerUserOutboundEvent(Doorkeeper.Notice.refused, promise: nil)
        server.reporter.report(
            "http.refused",
            client,
            ["status": "\(refusal.status.code)", "reason": refusal.reason]
        )
        var delivery = Delivery.text(refusal.status, "vlab gateway: \(refusal.reason)")
        _ = delivery.complete(keepAlive: false, version: .http1_1)
        try await Transfer(channel, url: "", sendsFiles: false).send(delivery)
        return .linger
    }

    /// No more from here, and what still comes is swallowed until the client has read why it is refused, or for a moment.
    private func linger() async {
        channel.close(mode: .output, promise: nil)
        let hold = Hold()
        let timer = channel.eventLoop.scheduleTask(in: TimeAmount(server.limits.linger)) {
            hold.release(.elapsed)
        }
        channel.closeFuture.whenComplete { _ in hold.release(.clientLeft) }
        _ = await hold.wait()
        timer.cancel()
    }
}

extension HTTPRefusal {
    /// What the parser found wrong.
    fileprivate init(_ error: HTTPParserError) {
        switch error {
        case .headerOverflow:
            self.init(status: .requestHeaderFieldsTooLarge, reason: "the header is too large")
        case .invalidVersion:
            self.init(
                status: .httpVersionNotSupported,
                reason: "only HTTP/1.0 and 1.1 are spoken, with CR LF behind each line"
            )
        default: self.init(status: .badRequest, reason: "malformed request: \(error)")
        }
    }
}
