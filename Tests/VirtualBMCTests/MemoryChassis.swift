import LabModel
import Synchronization
import VirtualBMC

/// A machine of which nothing exists but its power, its boot selection and a list of what was done to it.
final class MemoryChassis: Chassis {
    struct Failure: Error {}

    /// How it answers.
    struct Manner: Sendable {
        var delay: Duration = .zero
        var failure: (any Error)?
    }

    private struct State {
        var power = PowerState.off
        var actions: [ChassisAction] = []
        var selections: [BootSelection?] = []
        var isLit = false
        var manner = Manner()
        var processorTime = Duration.zero
    }

    private let state: Mutex<State>

    init(_ power: PowerState = .off, delay: Duration = .zero, failure: (any Error)? = nil) {
        state = Mutex(State(power: power, manner: Manner(delay: delay, failure: failure)))
    }

    var powerState: PowerState { state.withLock(\.power) }
    var processorTime: Duration {
        get { state.withLock(\.processorTime) }
        set { state.withLock { $0.processorTime = newValue } }
    }
    var actions: [ChassisAction] { state.withLock(\.actions) }
    var selections: [BootSelection?] { state.withLock(\.selections) }
    var isLit: Bool { state.withLock(\.isLit) }
    var manner: Manner {
        get { state.withLock(\.manner) }
        set { state.withLock { $0.manner = newValue } }
    }

    func perform(_ action: ChassisAction) async throws {
        try await behave()
        state.withLock { state in
            state.actions.append(action)
            switch action {
            case .powerOn, .powerCycle, .reset: state.power = .on
            case .powerOff, .softOff: state.power = .off
            case .diagnosticInterrupt: break
            }
        }
    }

    func bootSelectionChanged(_ selection: BootSelection?) async throws {
        try await behave()
        state.withLock { $0.selections.append(selection) }
    }

    func identify(_ isLit: Bool) { state.withLock { $0.isLit = isLit } }

    private func behave() async throws {
        let manner = manner
        if manner.delay > .zero { try await Task.sleep(for: manner.delay) }
        if let failure = manner.failure { throw failure }
    }
}
