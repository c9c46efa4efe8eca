import LabModel
import NIOCore
import NIOHTTP1

/// One connection that speaks HTTP: requests come in, answers go out, one after the other.
struct Conversation: Sendable {
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
        do {
            try await converse(RequestReader(inbound))
        } catch {
            // The client left, or the gateway stops: the event of the request has said so.
        }
    }

    private func converse(_ requests: RequestReader) async throws {
        let leash = Leash(channel)
        while true {
            let outcome: Outcome
            do {
                guard let head = try await requests.head() else { return }
                outcome = try await answer(head, requests, leash)
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

    private func answer(
        _ head: HTTPRequestHead,
        _ requests: RequestReader,
        _ leash: Leash
    ) async throws -> Outcome {
        guard head.uri.utf8.count <= server.limits.targetBytes else {
            throw HTTPRefusal(status: .uriTooLong, reason: "the URL is too long")
        }
        let request = try request(head)
        let isOutside = !server.origins.serve(request) && server.way.mode != .none
        try head.checkFraming(bodyLimit: isOutside ? nil : server.limits.requestBodyBytes)
        let subject = request.subject
        let faults = server.rules.faults((any HTTPFault).self, on: subject)
        let flowFaults = server.rules.faults((any FlowFault).self, on: subject)
        let transfer = Transfer(channel, url: request.url, sendsFiles: scheme == .http)
        var delivery = Delivery(status: .internalServerError, source: .gateway)
        var keepAlive = head.isKeepAlive
        let outcome: Outcome
        var upward = Flow()
        for (fault, turn) in flowFaults where fault.direction == .up { fault.edit(&upward, turn) }
        let upload = Upload(requests, upward, request, on: channel)
        do {
            if !isOutside || !head.hasBody { try await takeAll(upload, of: head) }
            var asked = request
            for (fault, turn) in faults { fault.edit(&asked, turn) }
            let told = faults.lazy.compactMap { $0.fault.answer(asked, $0.turn) }.first
            if let told {
                delivery = told
            } else if isOutside {
                delivery = try await outside(asked, upload, leash)
            } else {
                delivery = server.origins.answer(asked)
            }
            // A client that is still sending would not read the answer before it is done.
            if !requests.isComplete { keepAlive = false }
            if head.method == .HEAD { delivery.leaveOutBody() }
            for (fault, turn) in faults { fault.edit(&delivery, of: request, turn) }
            for (fault, turn) in flowFaults where fault.direction == .down {
                fault.edit(&delivery.flow, turn)
            }
            keepAlive = delivery.complete(keepAlive: keepAlive, version: head.version)
            try await transfer.send(delivery)
            outcome = keepAlive ? .keepAlive : requests.isComplete ? .close : .linger
            served(request, delivery, transfer, faults.map(\.turn) + flowFaults.map(\.turn), "complete")
        } catch {
            let words: String
            switch error {
            case is HTTPRefusal, is HTTPParserError, is Turnaway: throw error
            case Pump.Cut.close: words = "cut"
            case Pump.Cut.reset: words = "reset"
            case let error as UpstreamError where !leash.isCut: words = "broken off outside: \(error)"
            default: words = Task.isCancelled ? "gateway stopped" : "client left"
            }
            served(request, delivery, transfer, faults.map(\.turn) + flowFaults.map(\.turn), words)
            switch error {
            case Pump.Cut.close: outcome = .close
            case Pump.Cut.reset: outcome = .reset
            // The end without its last bytes tells the client that something lacks.
            case is UpstreamError: outcome = .close
            default: throw error
            }
        }
        return outcome
    }

    /// Whom the request is for: of a redirected connection that is known, of another one the request says it.
    private func request(_ head: HTTPRequestHead) throws(HTTPRefusal) -> HTTPRequest {
        let target = try RequestTarget(head, server: party.name)
        let address = party.name == nil ? (party.destination?.address).map { "\($0)" } : nil
        return HTTPRequest(
            head: head,
            target: target,
            scheme: scheme,
            port: party.isAsked ? target.port ?? scheme.port : party.port,
            address: address,
            client: client
        )
    }

    /// The request travels up to the gateway, and its body is thrown away.
    private func takeAll(_ upload: Upload, of head: HTTPRequestHead) async throws {
        // Who asks first whether to send a body (RFC 9110 §10.1.1) gets the final answer instead.
        if head.headers.contains(name: "Expect") {
            throw HTTPRefusal(status: .expectationFailed, reason: "no request here needs a body")
        }
        try await upload.begin()
        var bodyBytes = 0
        while let piece = try await upload.next() {
            bodyBytes += piece.readableBytes
            guard bodyBytes <= server.limits.requestBodyBytes else {
                throw HTTPRefusal(status: .payloadTooLarge, reason: "the request's body is too large")
            }
        }
        channel.triggerUserOutboundEvent(Doorkeeper.Notice.requestComplete, promise: nil)
    }

    /// What a server outside answers, or why there is none.
    private func outside(_ request: HTTPRequest, _ upload: Upload, _ leash: Leash) async throws -> Delivery {
        do {
            let body = try await body(of: request, upload)
            if let recorded = server.recorded, server.way.mode != .direct {
                let reachesOut = server.way.mode.reachesOut
                return try await recorded.answer(request, body, reachesOut: reachesOut, for: leash) {
                    [server, channel] asked, leash in
                    try await server.fetch(asked, on: channel.eventLoop, leash)
                }
            }
            return try await server.fetch(UpstreamRequest(request, body: body), on: channel.eventLoop, leash)
                .delivery
        } catch let error as UpstreamError {
            return .failure(
                error.isTimeout ? .gatewayTimeout : .badGateway,
                "cannot get \(request.url): \(error)"
            )
        }
    }

    /// The request's body as it comes; nil when it has none.
    private func body(of request: HTTPRequest, _ upload: Upload) async throws -> Delivery.Stream? {
        guard request.head.hasBody else { return nil }
        // However long it takes: as long as bytes come, somebody works.
        channel.triggerUserOutboundEvent(Doorkeeper.Notice.requestComplete, promise: nil)
        try await upload.begin()
        if request.head.version != .http1_0,
            request.head.headers["Expect"].first?.lowercased() == "100-continue"
        {
            try await channel.writeAndFlush(ByteBuffer(string: "HTTP/1.1 100 Continue\r\n\r\n")).get()
        }
        let length = request.head.headers.first(name: "Content-Length").flatMap { Int($0) }
        return Delivery.Stream(length: length) { try await upload.next() }
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
        details["reason"] = delivery.reason
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

extension HTTPRequestHead {
    /// Whether a body follows (RFC 9112 §6.3).
    fileprivate var hasBody: Bool {
        headers.contains(name: "Transfer-Encoding")
            || (headers.first(name: "Content-Length").flatMap { Int($0) } ?? 0) > 0
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
