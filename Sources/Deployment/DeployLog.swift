import Foundation

/// One line of the engine's output.
package struct LogLine: Hashable, Sendable {
    package var time: Date
    package var stage: Stage?
    package var node: String?
    package var message: String

    /// `10:12:33 install ctl01 download 40%`, with `-` for a part that does not apply.
    package func text(in calendar: Calendar) -> String {
        let parts = calendar.dateComponents([.hour, .minute, .second], from: time)
        let clock = [parts.hour, parts.minute, parts.second]
            .map { ($0 ?? 0) < 10 ? "0\($0 ?? 0)" : "\($0 ?? 0)" }
            .joined(separator: ":")
        return "\(clock) \(stage?.rawValue ?? "-") \(node ?? "-") \(message)"
    }
}

/// Where the engine says what it does.
package struct DeployLog: Sendable {
    private let sink: @Sendable (LogLine) -> Void
    private let time: any Timekeeper

    package init(time: any Timekeeper, _ sink: @escaping @Sendable (LogLine) -> Void) {
        (self.time, self.sink) = (time, sink)
    }

    package func say(_ message: String, _ stage: Stage? = nil, node: String? = nil) {
        sink(LogLine(time: time.date, stage: stage, node: node, message: message))
    }
}
