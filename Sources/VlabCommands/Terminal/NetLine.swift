import Foundation
import Gateway
import LabModel
import Uplink

/// An event of the outside world; nil for any other.
struct NetEvent {
    private static let families: Set<String> = [
        "http", "dns", "ntp", "tcp", "tls", "registry", "uplink", "rule",
    ]

    let event: LabEvent
    var details: LabEvent.Details { event.details }

    init?(_ event: LabEvent) {
        let family = event.event.prefix { $0 != "." }
        let kind = event.details["kind"]?.prefix { $0 != "." }
        let isFault =
            event.event == "fault.applied" && kind.map { Self.families.contains(String($0)) } ?? false
        guard isFault || Self.families.contains(String(family)) else { return nil }
        self.event = event
    }

    /// The node, else the address of whoever asked.
    var client: String { event.node ?? details["client"] ?? "" }

    /// Empty means anybody.
    func isOf(_ clients: Set<String>) -> Bool {
        clients.isEmpty || [event.node, details["client"]].contains { $0.map(clients.contains) ?? false }
    }

    func isAbout(_ host: TextPattern?) -> Bool {
        guard let host else { return true }
        let name = details["host"] ?? details["name"] ?? details["url"].flatMap { URL(string: $0)?.host() }
        return name.map(host.matches) ?? false
    }
}

/// An event of the outside world in columns: when, who, what, and what came of it.
struct NetLine {
    let text: String

    static let header = columns([
        "TIME", "CLIENT", "WHAT", "RESULT", "BYTES", "FIRST", "TOTAL", "SOURCE", "SUBJECT",
    ])

    /// Of all columns but the last; numbers stand right.
    private static let widths: [(width: Int, isNumber: Bool)] = [
        (8, false), (10, false), (8, false), (9, false), (10, true), (7, true), (8, true), (8, false),
    ]

    init(_ request: NetEvent) {
        let (event, details) = (request.event, request.details)
        let what: [String]
        switch event.event {
        case "http.served":
            what = [
                details["method"] ?? "", details["status"] ?? "", details["bytes"] ?? "",
                details["firstByte"] ?? "–",
                details["seconds"] ?? "", details["source"] ?? "", Self.url(details),
            ]
        case "dns.answered", "dns.dropped":
            let answer = details["address"].map { " = \($0)" } ?? details["reason"].map { " (\($0))" } ?? ""
            what = [
                "DNS \(details["type"] ?? "")", details["code"] ?? "dropped", "", "", "", "",
                (details["name"] ?? "") + answer,
            ]
        case "fault.applied":
            let rest = Self.rest(details, without: ["fault", "kind", "count", "client"])
            what = [
                "fault", "bites", "", "", "", "", "\(details["fault"] ?? "") \(details["kind"] ?? "")\(rest)",
            ]
        default:
            let words = event.event.split(separator: ".", maxSplits: 1).map(String.init)
            let host = details["host"] ?? details["name"] ?? details["address"]
            let server = host.map { Self.server($0, details["port"]) } ?? ""
            let rest = Self.rest(
                details,
                without: [
                    "host", "name", "address", "port", "client", "faults", "bytes", "seconds", "firstByte",
                    "source",
                ]
            )
            what = [
                words.first?.uppercased() ?? "", words.last ?? "", details["bytes"] ?? "",
                details["firstByte"] ?? "",
                details["seconds"] ?? "", details["source"] ?? "",
                (server + rest).trimmingCharacters(in: .whitespaces),
            ]
        }
        let bitten = details["faults"].map { "  ← \($0)" } ?? ""
        let cells = [Self.time(event.time), request.client] + what.dropLast() + [(what.last ?? "") + bitten]
        text = Self.columns(cells)
    }

    /// The URL, and where the transfer broke off.
    private static func url(_ details: LabEvent.Details) -> String {
        var words = details["url"] ?? ""
        if let range = details["range"] { words += " (\(range))" }
        if let reason = details["reason"] { words += ": \(reason)" }
        guard let outcome = details["outcome"], outcome != "complete" else { return words }
        return words + ", \(outcome)"
            + (details["total"].map { " at \(details["bytes"] ?? "?") of \($0)" } ?? "")
    }

    /// As a URL has it: an address of IPv6 in brackets.
    private static func server(_ host: String, _ port: String?) -> String {
        guard let port else { return host }
        return Int(port).flatMap { UplinkTarget(host: host, port: $0)?.description } ?? "\(host):\(port)"
    }

    private static func rest(_ details: LabEvent.Details, without known: Set<String>) -> String {
        details.filter { !known.contains($0.name) }.map { " \($0.name)=\($0.value)" }.joined()
    }

    private static func time(_ time: Date) -> String {
        time.formatted(
            Date.VerbatimFormatStyle(
                format:
                    "\(hour: .twoDigits(clock: .twentyFourHour, hourCycle: .zeroBased)):\(minute: .twoDigits):\(second: .twoDigits)",
                timeZone: .current,
                calendar: Calendar(identifier: .gregorian)
            )
        )
    }

    private static func columns(_ cells: [String]) -> String {
        let filled = zip(cells, widths).map { cell, column in
            let blanks = String(repeating: " ", count: max(0, column.width - cell.count))
            return column.isNumber ? blanks + cell : cell + blanks
        }
        return (filled + cells.dropFirst(widths.count)).joined(separator: " ")
    }
}
