import LabModel
import NIOCore
import NIOHTTP1

/// One request and its answer, as rules have them: from the request's head to the event that tells what became of it.
// SAFETY: its conversation has it, or the connection's task, never both.
final class Exchange: @unchecked Sendable {
    /// How far it is.
    private enum Stage { case received, asked, answered }

    let transfer: Transfer
    /// What is sent, once it is known.
    private(set) var delivery = Delivery(status: .internalServerError, source: .gateway)
    /// Whether the connection may be used again behind the answer.
    private(set) var keepsAlive: Bool

    private let request: HTTPRequest
    /// As faults have it.
    private var edited: HTTPRequest?
    private let channel: any Channel
    private let server: WebServer
    private let hasBody: Bool
    /// For a server that is not the lab's own, where there is a way out.
    private let isOutside: Bool
    private let faults: [(fault: any HTTPFault, turn: Turn)]
    private let flowFaults: [(fault: any FlowFault, turn: Turn)]
    /// How the request travels.
    private let upward: Flow
    private var stage = Stage.received

    /// Refuses what is not to be answered at all.
    init(
        _ head: HTTPRequestHead,
        _ client: Client,
        _ party: Party,
        _ server: WebServer,
        on channel: any Channel
    ) throws(HTTPRefusal) {
        guard head.uri.utf8.count <= server.limits.targetBytes else {
            throw HTTPRefusal(status: .uriTooLong, reason: "the URL is too long")
        }
        request = try HTTPRequest(head, from: client, party)
        isOutside = !server.origins.serve(request) && server.way.mode != .none
        try head.checkFraming(bodyLimit: isOutside ? nil : server.limits.requestBodyBytes)
        hasBody = head.hasBody
        // Who asks first whether to send a body gets the final answer instead, and who has none anyhow (RFC 9110 §10.1.1).
        if !isOutside, hasBody, head.headers.contains(name: "Expect") {
            throw HTTPRefusal(status: .expectationFailed, reason: "no request here needs a body")
        }
        let subject = request.subject
        faults = server.rules.faults((any HTTPFault).self, on: subject)
        flowFaults = server.rules.faults((any FlowFault).self, on: subject)
        var flow = Flow()
        for (fault, turn) in flowFaults where fault.direction == .up { fault.edit(&flow, turn) }
        (upward, self.server, self.channel) = (flow, server, channel)
        transfer = Transfer(channel, sendsFiles: request.scheme == .http)
        keepsAlive = head.isKeepAlive
    }

    /// Whether nothing follows the head, and nothing holds it up.
    var comesAtOnce: Bool { upward.isPlain && !hasBody }

    /// What can be said without waiting for anybody: of the lab's own servers all, of others what was recorded.
    ///
    /// False when that is nothing; `isWhole`: all of the request has come.
    func answerAtOnce(isWhole: Bool) -> Bool {
        stage = .asked
        var told: Delivery?
        if !faults.isEmpty {
            var asked = request
            for (fault, turn) in faults { fault.edit(&asked, turn) }
            told = faults.lazy.compactMap { [asked] in $0.fault.answer(asked, $0.turn) }.first
            edited = asked
        }
        guard let answer = told ?? known(to: edited ?? request) else { return false }
        settle(on: answer, isWhole: isWhole)
        return true
    }

    private func known(to asked: HTTPRequest) -> Delivery? {
        guard isOutside else { return server.origins.answer(asked) }
        guard let recorded = server.recorded, server.way.mode != .direct, !hasBody else {
            return nil
        }
        return recorded.answerAtOnce(asked, reachesOut: server.way.mode.reachesOut)
    }

    /// The answer as the client gets it: with what all answers say, and edited by faults.
    private func settle(on answer: Delivery, isWhole: Bool) {
        delivery = answer
        if !faults.isEmpty || !flowFaults.isEmpty || request.head.method == .HEAD { delivery.kept = nil }
        if request.head.method == .HEAD { delivery.leaveOutBody() }
        for (fault, turn) in faults { fault.edit(&delivery, of: request, turn) }
        for (fault, turn) in flowFaults where fault.direction == .down { fault.edit(&delivery.flow, turn) }
        // A client that is still sending would not read the answer before it is done.
        keepsAlive = delivery.complete(keepAlive: keepsAlive && isWhole, version: request.head.version)
        stage = .answered
    }

    /// Says what became of it.
    func report(_ outcome: String) {
        let record = transfer.record
        let claims = (faults.map(\.turn) + flowFaults.map(\.turn)).compactMap(\.taken)
        let landed = claims.filter(\.landed).map(\.rule.id)
        for claim in claims { claim.end() }
        var details = LabEvent.Details()
        details.reserveCapacity(15)
        // In the order of their names.
        details["bytes"] = "\(record.bytes)"
        if !landed.isEmpty { details["faults"] = landed.joined(separator: ",") }
        details["firstByte"] = record.firstByte?.inEvents
        details["host"] = request.target.host
        details["method"] = request.head.method.rawValue
        details["outcome"] = outcome
        details["path"] = request.target.path
        details["range"] = request.head.headers.first(name: "Range")
        details["reason"] = delivery.reason
        details["seconds"] = record.elapsed.inEvents
        details["source"] = delivery.source.rawValue
        // Who has left before the answer was known has got none.
        details["status"] = stage == .answered ? "\(delivery.status.code)" : nil
        details["total"] = record.total.map(String.init)
        details["url"] = request.url
        server.reporter.report("http.served", request.client, details)
    }
}

// MARK: - With waiting

extension Exchange {
    /// Does what is left to do, and waits for whom it has to: what becomes of the connection then.
    func finish(_ requests: LentRequests, _ leash: Leash) async -> Conversation.Sequel {
        do {
            try await answer(requests, leash)
            try await transfer.send(delivery, of: request.url)
            report("complete")
        } catch {
            // Nothing was answered.
            if let refusal = HTTPRefusal(error) { return .refuse(refusal) }
            switch error {
            case Pump.Cut.close: report("cut")
            case Pump.Cut.reset:
                report("reset")
                await channel.reset()
                return .reset
            // The end without its last bytes tells the client that something lacks, unless it is the end of the body, too.
            case let error as UpstreamError where !leash.isCut:
                report("broken off outside: \(error)")
                guard delivery.framing == .connectionEnd else { return .close }
                await channel.reset()
                return .reset
            default: report(Task.isCancelled ? "gateway stopped" : "client left")
            }
            return .close
        }
        if keepsAlive { return .keepAlive }
        return await requests.isWhole ? .close : .linger
    }

    private func answer(_ requests: LentRequests, _ leash: Leash) async throws {
        guard stage != .answered else { return }
        try await Upload.during(requests, upward, request, on: channel) { upload in
            if stage == .received {
                if !isOutside || !hasBody { try await takeAll(upload) }
                if answerAtOnce(isWhole: await requests.isWhole) { return }
            }
            let answer = try await outside(requests, upload, leash)
            settle(on: answer, isWhole: await requests.isWhole)
        }
    }

    /// The request travels up to the gateway, and its body is thrown away.
    private func takeAll(_ upload: Upload) async throws {
        try await upload.begin()
        var bodyBytes = 0
        while let piece = try await upload.next() {
            bodyBytes += piece.readableBytes
            guard bodyBytes <= server.limits.requestBodyBytes else {
                throw HTTPRefusal(status: .payloadTooLarge, reason: "the request's body is too large")
            }
        }
    }

    /// What a server outside answers, or why there is none.
    private func outside(
        _ requests: LentRequests,
        _ upload: Upload,
        _ leash: Leash
    ) async throws -> Delivery {
        let asked = edited ?? request
        do {
            let body = try await body(of: asked.head, requests, upload)
            if let recorded = server.recorded, server.way.mode != .direct {
                let reachesOut = server.way.mode.reachesOut
                return try await recorded.answer(asked, body, reachesOut: reachesOut, for: leash) {
                    [server, channel] asked, leash in
                    try await server.fetch(asked, on: channel.eventLoop, leash)
                }
            }
            return try await server.fetch(UpstreamRequest(asked, body: body), on: channel.eventLoop, leash)
                .delivery
        } catch let error as UpstreamError where !leash.isCut {
            return .failure(
                error.isTimeout ? .gatewayTimeout : .badGateway,
                "cannot get \(asked.url): \(error)"
            )
        }
    }

    /// The request's body as it comes; nil when it has none.
    private func body(
        of head: HTTPRequestHead,
        _ requests: LentRequests,
        _ upload: Upload
    ) async throws -> Delivery.Stream? {
        guard head.hasBody else { return nil }
        await requests.passOn()
        try await upload.begin()
        if head.version != .http1_0, head.headers["Expect"].first?.lowercased() == "100-continue" {
            try await channel.writeAndFlush(ByteBuffer(string: "HTTP/1.1 100 Continue\r\n\r\n")).get()
        }
        let length = head.headers.first(name: "Content-Length").flatMap { Int($0) }
        return Delivery.Stream(length: length) { try await upload.next() }
    }
}

extension HTTPRequestHead {
    /// Whether a body follows (RFC 9112 §6.3).
    fileprivate var hasBody: Bool {
        headers.contains(name: "Transfer-Encoding")
            || (headers.first(name: "Content-Length").flatMap { Int($0) } ?? 0) > 0
    }
}
