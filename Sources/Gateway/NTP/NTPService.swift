import LabModel
import NIOCore

/// The lab's time server with its rules and its events.
struct NTPService: Sendable {
    let server: NTPServer
    let rules: RuleBook
    let reporter: Reporter

    /// Nil stays silent.
    func answer(_ packet: ByteBuffer, from client: IPv4Address) -> ByteBuffer? {
        switch server.answer(packet) {
        case .drop(let reason):
            reporter.report("ntp.dropped", client: client, ["reason": reason])
            return nil
        case .reply(let reply):
            for bite in rules.ntpBites(client: client) {
                bite.claim.land([:])
                switch bite.fault {
                case .silent:
                    reporter.report("ntp.dropped", client: client, ["fault": bite.claim.rule.id])
                    return nil
                }
            }
            reporter.report("ntp.answered", client: client, [:])
            return reply
        }
    }
}
