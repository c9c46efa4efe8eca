import NIOCore

/// When bytes have passed a line of so many bytes a second; a value, told what time it is.
struct RateMeter: Sendable {
    /// How much of a second's bytes leave together: fine enough to look like a stream.
    private static let beat = 0.02
    /// How much is caught up on, for a timer that is late must not slow the whole.
    ///
    /// What was not used before is lost.
    private static let credit = TimeAmount.milliseconds(100)

    private let rate: Double
    /// When the line is free again.
    private var free: NIODeadline?

    init(bytesPerSecond: Int) { rate = Double(max(1, bytesPerSecond)) }

    /// As many as may leave at once.
    var most: Int { max(1, Int(rate * Self.beat)) }

    /// When the last of so many bytes has passed, which stood ready at that moment.
    mutating func due(_ count: Int, ready: NIODeadline, now: NIODeadline) -> NIODeadline {
        let start = max(free ?? ready, ready, now - Self.credit)
        let due = start + .nanoseconds(Int64(Double(count) / rate * 1e9))
        free = due
        return due
    }
}
