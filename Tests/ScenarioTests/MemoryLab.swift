import Gateway
import IPMI
import LabModel
import Synchronization

@testable import Scenario

/// A lab in memory: links, rules and nothing else, which fails where it is told to.
final class MemoryLab: LabUnderTest {
    struct Refusal: Error, CustomStringConvertible { let description = "libvirt: no domain" }

    struct State {
        var downLinks: Set<String> = []
        var rules: [String: Rule] = [:]
        var pauses: [String: Pause] = [:]
        var hooks: [String: @Sendable () async -> Void] = [:]
        var misbehaviours: [String: Misbehaviour] = [:]
        var changes = 0
        var refusesLinks = false
        var refusesToHeal = false
        var silentBMC: String?
    }

    let pod = QuickScenarios.pod
    let state = Mutex(State())
    private let stream: AsyncStream<LabEvent>
    private let sink: AsyncStream<LabEvent>.Continuation

    init() { (stream, sink) = AsyncStream.makeStream() }

    func events() -> AsyncStream<LabEvent> { stream }
    func emit(_ event: String, _ node: String?, _ details: LabEvent.Details = [:]) {
        sink.yield(LabEvent(event, node: node, details))
    }
    func goDown() { sink.finish() }

    func setLink(of node: String, nic: String, up: Bool) throws {
        try state.withLock { state in
            if state.refusesLinks || up && state.refusesToHeal { throw Refusal() }
            state.changes += 1
            if up {
                state.downLinks.remove("\(node) \(nic)")
            } else {
                state.downLinks.insert("\(node) \(nic)")
            }
        }
    }

    func install(_ rule: Rule) {
        state.withLock { state in
            state.changes += 1
            state.rules[rule.id] = rule
        }
    }

    func pause(_ pause: Pause, hook: @escaping @Sendable () async -> Void) {
        state.withLock { state in
            state.changes += 1
            state.pauses[pause.id] = pause
            state.hooks[pause.id] = hook
        }
    }

    func removeRule(_ id: String) {
        state.withLock { state in
            state.changes += 1
            state.rules[id] = nil
            state.pauses[id] = nil
            state.hooks[id] = nil
        }
    }

    func misbehave(_ node: String, _ misbehaviour: Misbehaviour?, for fault: String) throws {
        try state.withLock { state in
            if misbehaviour == nil && state.refusesToHeal { throw Refusal() }
            state.changes += 1
            state.misbehaviours["\(node) \(fault)"] = misbehaviour
        }
    }

    func bmcAnswers(of node: String) -> Bool { state.withLock { $0.silentBMC != node } }

    /// Nothing is broken any more.
    var isWhole: Bool {
        state.withLock {
            $0.downLinks.isEmpty && $0.rules.isEmpty && $0.pauses.isEmpty && $0.misbehaviours.isEmpty
        }
    }
}

/// An engine in memory: a few lines of a test.
struct MemoryEngine: EngineUnderTest {
    /// Runs from the engine's start on.
    var clock: FastClock?
    var work: @Sendable (@Sendable (String) -> Void) async throws(EngineStartError) -> EngineEnd

    func run(
        _ spec: EngineSpec,
        onLine: @escaping @Sendable (String) -> Void
    ) async throws(EngineStartError) -> EngineEnd {
        clock?.begin()
        return try await work(onLine)
    }

    /// Ends only when it is cancelled.
    static func hanging(_ clock: FastClock? = nil) -> MemoryEngine {
        MemoryEngine(clock: clock) { _ in
            await untilCancelled()
            return .signalled(15)
        }
    }

    static func untilCancelled() async {
        // An error here is the cancelling that is waited for; an hour is more than any test may take.
        try? await Task.sleep(for: .seconds(3600))
    }
}

/// Real time from the engine's start on, a thousand times as fast, so that minutes pass in moments.
///
/// Before that it stands still: on a busy machine the lab's first steps, which take real time, would be too late.
final class FastClock: Clock {
    typealias Duration = Swift.Duration
    struct Instant: InstantProtocol {
        var offset: Swift.Duration
        func advanced(by duration: Swift.Duration) -> Instant { Instant(offset: offset + duration) }
        func duration(to other: Instant) -> Swift.Duration { other.offset - offset }
        static func < (left: Instant, right: Instant) -> Bool { left.offset < right.offset }
    }

    private let start = Mutex<ContinuousClock.Instant?>(nil)
    private static let speed = 1000

    func begin() { start.withLock { $0 = $0 ?? .now } }

    var now: Instant {
        let start = start.withLock { $0 }
        return Instant(offset: start.map { $0.duration(to: .now) * Self.speed } ?? .zero)
    }
    var minimumResolution: Swift.Duration { .milliseconds(1) }

    func sleep(until deadline: Instant, tolerance: Swift.Duration?) async throws {
        while true {
            let start = start.withLock { $0 }
            if let start {
                return try await ContinuousClock().sleep(until: start + deadline.offset / Self.speed)
            }
            try await Task.sleep(for: .milliseconds(1))
        }
    }
}
