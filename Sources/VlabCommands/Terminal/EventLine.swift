import Foundation
import LabModel

/// An event as a line for a person: time, node, what, details.
struct EventLine {
    let text: String

    init(_ event: LabEvent) {
        let time = event.time.formatted(
            Date.VerbatimFormatStyle(
                format:
                    "\(hour: .twoDigits(clock: .twentyFourHour, hourCycle: .zeroBased)):\(minute: .twoDigits):\(second: .twoDigits)",
                timeZone: .current,
                calendar: Calendar(identifier: .gregorian)
            )
        )
        let node = Self.column(event.node ?? "", 8)
        let details: String
        switch event.event {
        case "console.line", "engine.line": details = event.details["line"] ?? ""
        case "stage": details = event.details["stage"] ?? ""
        case "ipmi.request": details = Self.request(event.details)
        default:
            details = event.details.map { "\($0.name)=\($0.value)" }.joined(separator: " ")
        }
        text = "\(time)  \(node)  \(Self.column(event.event, 14))  \(details)"
    }

    /// Filled up to a width; what is longer stays whole.
    private static func column(_ text: String, _ width: Int) -> String {
        text + String(repeating: " ", count: max(0, width - text.count))
    }

    /// A request to a BMC as a sentence: who asked what, and what the answer was.
    private static func request(_ details: LabEvent.Details) -> String {
        let who = [details["user"], details["client"]].compactMap(\.self).joined(separator: "@")
        var words = "\(who)  \(details["command"] ?? "")"
        if let request = details["request"] { words += ": \(request)" }
        words += " → \(details["completion"] ?? "")"
        if let answer = details["answer"] { words += ": \(answer)" }
        if let took = details["took"] { words += ", took \(took)" }
        if let bit = details["bit"] { words += ", bit by \(bit)" }
        return words
    }
}
