import LabModel
import NIOCore

/// The lab's time server with its rules and its events.
struct NTPService: Sendable {
    let server: NTPServer
    let rules: RuleBook
    let reporter: Reporter

    /// Nil stays silent.
    func answer(_ packet: ByteBuffer, from address: IPAddress) -> LateReply? {
        let client = reporter.client(at: address)
        switch server.answer(packet) {
        case .drop(let reason):
            reporter.report("ntp.dropped", client, ["reason": reason])
            return nil
        case .reply(let packet):
            var reply = NTPReply(packet: packet)
            let faults = rules.faults((any NTPFault).self, on: Subject(client: client, port: 123))
            for (fault, turn) in faults { fault.edit(&reply, turn) }
            var details: LabEvent.Details = [:]
            let bitten = faults.compactMap(\.turn.taken).map(\.rule.id)
            if !bitten.isEmpty { details["faults"] = bitten.joined(separator: ",") }
            details["delay"] = reply.delays.inEvents
            reporter.report(reply.packet == nil ? "ntp.dropped" : "ntp.answered", client, details)
            return reply.packet.map { LateReply(bytes: $0.bytes, delays: reply.delays) }
        }
    }
}

/// What is going to be said about the time, as faults have edited it.
struct NTPReply: Sendable {
    /// Nil: nothing.
    var packet: NTPPacket?
    var delays: [LateReply.Delay] = []
}
