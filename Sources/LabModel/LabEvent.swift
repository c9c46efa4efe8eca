import Foundation

/// Something that happened in a lab: one line of `events.jsonl`, one row on the terminal.
package struct LabEvent: Sendable, Codable, Hashable {
    package var time: Date
    /// What happened, as `subject.verb`: `power.on`, `link.down`, `http.served`, `fault.applied`.
    package var event: String
    package var node: String?
    /// Details, flat, by name; numbers and flags as text.
    package var details: Details

    package init(
        _ event: String,
        node: String? = nil,
        at time: Date = Date(),
        _ details: Details = [:]
    ) {
        (self.event, self.node, self.time, self.details) = (event, node, time, details)
    }
}

/// Where a part of the lab reports what happens.
///
/// Called from any thread; must return at once.
package typealias EventSink = @Sendable (LabEvent) -> Void
