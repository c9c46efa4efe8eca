import LabModel
import NIOCore
import NIOHTTP1

/// One connection to the outside world: requests come in, answers go out, one after the other.
struct Conversation: Sendable {
    // NIO's iterator may not change isolation, hence `@concurrent` wherever it is handed on; all of it runs on the
    // channel's event loop nevertheless, by the task's executor.
    private typealias Requests = NIOAsyncChannelInboundStream<HTTPServerRequestPart>.AsyncIterator

    /// What became of one request.
    private enum Outcome { case keepAlive, close, linger }

    private let channel: any Channel
    private let server: WebServer

    init(_ channel: any Channel, _ server: WebServer) { (self.channel, self.server) = (channel, server) }

    func run() async {
        do {
            try await open().executeThenClose { inbound, _ in
                // A connection that was gone before it could be looked at has no address.
                guard let client = channel.remoteAddress.flatMap({ IPv4Address($0) }) else { return }
                let destination = await OriginalDestination(of: channel)
                if let destination, destination.port != WebServer.port {
                    return turnAway(
                        "there is no uplink, and only HTTP on port 80 is served inside",
                        client,
                        destination
                    )
                }
                var requests = inbound.makeAsyncIterator()
                try await converse(&requests, with: client, destination)
            }
        } catch {
            // The client left, or the gateway stops: the event of the request has said so.
        }
    }

    /// From here on the client is listened to.
    ///
    /// Only here, and not when the channel is made: NIO's async channel must be taken by somebody once it exists.
    @concurrent
    private func open() async throws -> NIOAsyncChannel<HTTPServerRequestPart, HTTPServerResponsePart> {
        do {
            return try await channel.eventLoop.submit {
                let connection = try NIOAsyncChannel<HTTPServerRequestPart, HTTPServerResponsePart>(
                    wrappingChannelSynchronously: channel
                )
                channel.triggerUserOutboundEvent(Doorkeeper.Notice.listening, promise: nil)
                try channel.syncOptions?.setOption(.autoRead, value: true)
                return connection
            }.get()
        } catch {
            channel.close(promise: nil)
            throw error
        }
    }

    @concurrent
    private func converse(
        _ requests: inout Requests,
        with client: IPv4Address,
        _ destination: OriginalDestination?
    ) async throws {
        let name = destination.flatMap { server.outside.name(at: $0.address) }
        while true {
            let outcome: Outcome
            do {
                guard let head = try await nextRequest(&requests) else { return }
                outcome = try await answer(head, from: client, server: name)
            } catch let turnaway as Turnaway {
                switch turnaway {
                case .idle: return
                case .tls, .notHTTP, .silent: return turnAway(turnaway.description, client, destination)
                case .tooSlow:
                    outcome = try await refuse(
                        HTTPRefusal(status: .requestTimeout, reason: turnaway.description),
                        client
                    )
                }
            } catch let refusal as HTTPRefusal {
                outcome = try await refuse(refusal, client)
            } catch let error as HTTPParserError {
                outcome = try await refuse(HTTPRefusal(error), client)
            }
            switch outcome {
            case .keepAlive:
                channel.triggerUserOutboundEvent(Doorkeeper.Notice.responseComplete, promise: nil)
            case .close: return
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

    private func answer(
        _ head: HTTPRequestHead,
        from client: IPv4Address,
        server name: String?
    ) async throws -> Outcome {
        let target = try RequestTarget(head, server: name)
        let request = HTTPRequest(head: head, target: target, client: client)
        var delivery = server.origins.answer(request)
        if head.method == .HEAD { delivery.leaveOutBody() }
        var claims: [Claim] = []
        for (fault, rule) in server.rules.httpFaults(client: client, host: target.host, path: target.path) {
            fault.edit(&delivery) {
                let claim = rule.claim(client: client)
                if let claim { claims.append(claim) }
                return claim
            }
        }
        let keepAlive = head.isKeepAlive
        delivery.complete(keepAlive: keepAlive, version: head.version)
        let transfer = Transfer(channel, url: request.url)
        do {
            try await transfer.send(delivery)
            served(request, delivery, transfer, claims, outcome: "complete")
        } catch {
            served(
                request,
                delivery,
                transfer,
                claims,
                outcome: Task.isCancelled ? "gateway stopped" : "client left"
            )
            throw error
        }
        return keepAlive ? .keepAlive : .close
    }

    private func served(
        _ request: HTTPRequest,
        _ delivery: Delivery,
        _ transfer: Transfer,
        _ claims: [Claim],
        outcome: String
    ) {
        let record = transfer.record
        var details = [
            "method": request.head.method.rawValue, "url": request.url, "host": request.target.host,
            "path": request.target.path, "status": "\(delivery.status.code)", "bytes": "\(record.bytes)",
            "total": "\(record.total)", "seconds": record.elapsed.inEvents, "outcome": outcome,
        ]
        details["firstByte"] = record.firstByte?.inEvents
        details["range"] = request.head.headers.first(name: "Range")
        let faults = claims.filter(\.landed).map(\.rule.id)
        if !faults.isEmpty { details["faults"] = faults.joined(separator: ",") }
        for claim in claims { claim.end() }
        server.reporter.report("http.served", client: request.client, details)
    }

    private func refuse(_ refusal: HTTPRefusal, _ client: IPv4Address) async throws -> Outcome {
        channel.triggerUserOutboundEvent(Doorkeeper.Notice.refused, promise: nil)
        server.reporter.report(
            "http.refused",
            client: client,
            ["status": "\(refusal.status.code)", "reason": refusal.reason]
        )
        var delivery = Delivery.text(refusal.status, "vlab gateway: \(refusal.reason)")
        delivery.complete(keepAlive: false, version: .http1_1)
        try await Transfer(channel, url: "").send(delivery)
        return .linger
    }

    private func turnAway(_ reason: String, _ client: IPv4Address, _ destination: OriginalDestination?) {
        var details = ["reason": reason]
        if let destination {
            details["address"] = "\(destination.address)"
            details["port"] = "\(destination.port)"
            details["name"] = server.outside.name(at: destination.address)
        }
        server.reporter.report("tcp.refused", client: client, details)
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
