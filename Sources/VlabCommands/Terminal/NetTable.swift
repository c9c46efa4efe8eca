import Foundation
import Gateway
import LabModel
import Uplink

/// A lab's gateway for a person to read.
enum NetTable {
    static func text(_ status: NetStatus) -> String {
        var parts = ["uplink: \(status.uplink.rawValue)"]
        if status.rules.isEmpty {
            parts.append("nothing is broken")
        } else {
            parts.append(
                Table(
                    header: ["RULE", "KIND", "WHERE", "HOW OFTEN", "BIT", "BY"],
                    rows: status.rules.map { rule in
                        [
                            rule.id, kind(rule), place(rule.match), rule.occurrence, "\(rule.bites)×",
                            rule.isByHand ? "hand" : "scenario",
                        ]
                    }
                ).text
            )
        }
        if status.connections.isEmpty {
            parts.append("no connection is open")
        } else {
            parts.append(
                Table(
                    header: ["CLIENT", "SERVER", "SPEAKS", "FOR"],
                    rows: status.connections.map { connection in
                        [
                            connection.client, server(connection),
                            connection.speaks, Duration.seconds(connection.seconds).brief,
                        ]
                    }
                ).text
            )
        }
        return parts.joined(separator: "\n\n")
    }

    private static func server(_ connection: OpenConnection) -> String {
        let host = connection.host ?? "the gateway"
        return UplinkTarget(host: host, port: connection.port)?.description ?? "\(host):\(connection.port)"
    }

    private static func kind(_ rule: NetStatus.Installed) -> String {
        rule.kind + rule.arguments.sorted { $0.key < $1.key }.map { " \($0.key)=\($0.value)" }.joined()
    }

    private static func place(_ match: Match) -> String {
        var words: [String] = []
        if let methods = match.methods { words.append(methods.sorted().joined(separator: ",")) }
        if let host = match.host { words.append("\(host)") }
        if let port = match.port { words.append("port \(port)") }
        if let path = match.path { words.append("\(path)") }
        if let clients = match.clients { words.append("from \(clients.sorted().joined(separator: ","))") }
        return words.isEmpty ? "everywhere" : words.joined(separator: " ")
    }
}
