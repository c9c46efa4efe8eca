import Gateway
import LabModel
import Scenario

/// A lab's gateway as a person asks for it.
struct NetStatus: Codable {
    /// A rule that is installed.
    struct Installed: Codable {
        var id: String
        var kind: String
        var arguments: [String: String]
        /// Whom and what it befalls; all that is not said is everybody and everything.
        var match: Match
        /// In words.
        var occurrence: String
        var bites: Int
        var isByHand: Bool

        init(_ rule: Rule, bites: Int = 0) {
            (id, kind, arguments, match) = (rule.id, rule.kind, rule.arguments, rule.match)
            occurrence = rule.occurrence.prose(of: TrafficFamily(kind: rule.kind)?.noun ?? "request")
            (self.bites, isByHand) = (bites, HandRules.isByHand(rule.id))
        }
    }

    var uplink: UplinkMode
    var rules: [Installed]
    var connections: [OpenConnection]

    init(_ gateway: Gateway, uplink: UplinkMode) {
        self.uplink = uplink
        rules = gateway.installed.map { Installed($0.rule, bites: $0.bites) }
        connections = gateway.connections
    }
}
