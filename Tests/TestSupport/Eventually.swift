import Foundation

/// Something that was waited for did not come in time.
package struct NotInTime: Error, CustomStringConvertible {
    package let awaited: String
    package let limit: Duration
    /// What there was instead.
    package let seen: String

    package init(_ awaited: String, within limit: Duration, seen: String = "") {
        (self.awaited, self.limit, self.seen) = (awaited, limit, seen)
    }

    package var description: String {
        "\(awaited): not within \(limit)" + (seen.isEmpty ? "" : "; there was: \(seen)")
    }
}

/// Asks until there is an answer, and gives it back; says what it waited for when none comes in time.
@discardableResult
package func eventually<Value>(
    _ awaited: String,
    within limit: Duration,
    every interval: Duration = .milliseconds(50),
    seen: () -> String = { "" },
    _ ask: () async throws -> Value?
) async throws -> Value {
    let deadline = ContinuousClock.now + limit
    while true {
        if let value = try await ask() { return value }
        guard ContinuousClock.now < deadline else { throw NotInTime(awaited, within: limit, seen: seen()) }
        try await Task.sleep(for: interval)
    }
}
