import LabModel
import NIOCore

/// The lab's name server with its rules and its events, for UDP and TCP alike.
struct DNSService: Sendable {
    let server: NameServer
    let rules: RuleBook
    let reporter: Reporter

    /// Nil stays silent.
    func answer(_ packet: ByteBuffer, from client: IPv4Address) -> ByteBuffer? {
        let query: DNSQuery
        do {
            query = try DNSQuery(packet)
        } catch {
            return refuse(error, from: client)
        }
        let name = query.text
        var answer = server.answer(to: query)
        let bites = rules.dnsBites(client: client, name: name)
        for bite in bites {
            bite.claim.land(["name": name])
            switch bite.fault {
            case .silent:
                reporter.report("dns.dropped", client: client, ["name": name, "fault": bite.claim.rule.id])
                return nil
            case .serverFailure: answer = DNSAnswer(code: .serverFailure)
            }
        }
        var details = ["name": name, "type": DNS.RecordType.text(query.type), "code": answer.code.text]
        if case .address(let bits)? = answer.records.first {
            details["address"] = "\(IPv4Address(bits: bits))"
        }
        if !bites.isEmpty { details["faults"] = bites.map(\.claim.rule.id).joined(separator: ",") }
        reporter.report("dns.answered", client: client, details)
        return answer.bytes(to: query)
    }

    private func refuse(_ malformed: DNSQuery.Malformed, from client: IPv4Address) -> ByteBuffer? {
        switch malformed {
        case .ignore:
            reporter.report("dns.dropped", client: client, ["reason": "not a question"])
            return nil
        case .formatError(let id, let flags):
            reporter.report("dns.answered", client: client, ["code": DNS.ResponseCode.formatError.text])
            return DNSAnswer.refusal(id: id, flags: flags, code: .formatError)
        case .notImplemented(let id, let flags):
            reporter.report("dns.answered", client: client, ["code": DNS.ResponseCode.notImplemented.text])
            return DNSAnswer.refusal(id: id, flags: flags, code: .notImplemented)
        }
    }
}
