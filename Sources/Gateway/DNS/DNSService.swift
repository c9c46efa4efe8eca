import LabModel
import NIOCore

/// The lab's name server with its rules and its events, for UDP and TCP alike.
struct DNSService: Sendable {
    let server: NameServer
    let rules: RuleBook
    let reporter: Reporter
    /// Who must know of a new name before its address is told.
    var desk: RefusalDesk?

    /// Nil stays silent.
    func answer(
        _ packet: ByteBuffer,
        from address: IPAddress,
        over transport: DNSReply.Transport
    ) -> LateReply? {
        let client = reporter.client(at: address)
        let query: DNSQuery
        do {
            query = try DNSQuery(packet)
        } catch {
            return refuse(error, client).map { LateReply(bytes: $0) }
        }
        let name = query.text
        var reply = DNSReply(transport: transport, answer: server.answer(to: query))
        let faults = rules.faults((any DNSFault).self, on: Subject(client: client, host: name, port: 53))
        for (fault, turn) in faults { fault.edit(&reply, to: query, turn) }
        var details: LabEvent.Details = ["name": name, "type": DNS.RecordType.text(query.type)]
        let bitten = faults.compactMap(\.turn.taken).map(\.rule.id)
        if !bitten.isEmpty { details["faults"] = bitten.joined(separator: ",") }
        guard let answer = reply.answer else {
            reporter.report("dns.dropped", client, details)
            return nil
        }
        details["code"] = answer.code.text
        details["address"] = answer.records.first?.address?.description
        details["delay"] = reply.delays.inEvents
        reporter.report("dns.answered", client, details)
        return LateReply(bytes: answer.bytes(to: query), delays: reply.delays, gate: desk?.pending)
    }

    private func refuse(_ malformed: DNSQuery.Malformed, _ client: Client) -> ByteBuffer? {
        switch malformed {
        case .ignore:
            reporter.report("dns.dropped", client, ["reason": "not a question"])
            return nil
        case .formatError(let id, let flags):
            reporter.report("dns.answered", client, ["code": DNS.ResponseCode.formatError.text])
            return DNSAnswer.refusal(id: id, flags: flags, code: .formatError)
        case .notImplemented(let id, let flags):
            reporter.report("dns.answered", client, ["code": DNS.ResponseCode.notImplemented.text])
            return DNSAnswer.refusal(id: id, flags: flags, code: .notImplemented)
        }
    }
}

/// What is going to be said to a look-up, as faults have edited it.
struct DNSReply: Sendable {
    enum Transport: Sendable { case udp, tcp }

    let transport: Transport
    /// Nil: nothing.
    var answer: DNSAnswer?
    var delays: [LateReply.Delay] = []
}
