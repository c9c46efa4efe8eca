import Foundation

/// The engine's clock: real, or made up by a test.
package protocol Timekeeper: Sendable {
    /// Since some moment before the deployment; never goes back.
    var now: Duration { get }
    var date: Date { get }
    func sleep(for duration: Duration) async throws
}

/// The machine's clocks.
package struct SystemTimekeeper: Timekeeper {
    private let start = ContinuousClock.now

    package init() {}
    package var now: Duration { ContinuousClock.now - start }
    package var date: Date { Date() }
    package func sleep(for duration: Duration) async throws {
        try await Task.sleep(for: duration, clock: .continuous)
    }
}
