/// How busy the machine is and what that makes of it: warmth, power draw and turning fans.
///
/// Looked at only when somebody asks. What lies between two looks counts as even: the power drawn then is exact on
/// average, and the warmth nearly so.
struct Workload: Sendable {
    /// How many processors the machine has.
    private let processors: Double
    private let memoryGiB: Double
    private var last: (time: Duration, processorTime: Duration)?
    /// Of all its processors, since the last look but one: 0 to 1.
    private(set) var use = 0.0
    /// What `use` has made warm: it follows slowly.
    private(set) var warmth = 0.0
    private var wasPowered = false
    private(set) var draw = PowerStatistics()

    /// Nobody sees a difference in less.
    private static let shortest: Duration = .milliseconds(500)
    /// How long it takes to become two thirds as warm as it gets.
    private static let inertia = 30.0

    init(processors: Int, memory: Int) {
        (self.processors, memoryGiB) = (Double(max(1, processors)), Double(memory) / 1024)
    }

    mutating func look(at now: Duration, _ machine: MachineState) {
        guard let last else {
            last = (now, machine.isPowered ? machine.processorTime() : .zero)
            wasPowered = machine.isPowered
            draw.restart(at: now, watts: watts(machine.isPowered))
            return
        }
        let elapsed = (now - last.time).seconds
        guard now - last.time >= Self.shortest || machine.isPowered != wasPowered else { return }
        let processorTime = machine.isPowered ? machine.processorTime() : .zero
        // A machine that was started anew counts from 0.
        let worked = processorTime >= last.processorTime ? processorTime - last.processorTime : processorTime
        use = elapsed > 0 ? min(1, worked.seconds / (elapsed * processors)) : use
        if !machine.isPowered { use = 0 }
        warmth += (use - warmth) * elapsed / (elapsed + Self.inertia)
        wasPowered = machine.isPowered
        self.last = (now, processorTime)
        draw.note(watts(machine.isPowered), at: now)
    }

    mutating func restartStatistics(at now: Duration, isPowered: Bool) {
        draw.restart(at: now, watts: watts(isPowered))
    }

    // MARK: What that makes

    /// What the BMC itself and the power supplies take while the machine is off.
    private static let standby = 9.0

    /// What it draws when every processor is busy.
    var mostWatts: Double { idleWatts + 28 * processors }
    private var idleWatts: Double { 45 + 8 * processors + 0.4 * memoryGiB }

    func watts(_ isPowered: Bool) -> Double {
        isPowered ? idleWatts + 28 * processors * use : Self.standby
    }

    static let inlet = 22.0
    func board(_ isPowered: Bool) -> Double { isPowered ? 30 + 6 * warmth : 24 }
    func processor(_ index: Int) -> Double { 38 + 32 * warmth + Double(index % 4) }
    func fan(_ index: Int) -> Double { 3600 + 5400 * warmth + 60 * Double(index % 3) }
    /// How far a rail gives in under load, of its nominal voltage.
    var sag: Double { 0.01 * use }
}

/// Power over time (DCMI 1.5 §6.6.1).
struct PowerStatistics: Sendable {
    private(set) var least = 0.0
    private(set) var most = 0.0
    private(set) var since = Duration.zero
    private var until = Duration.zero
    private var joules = 0.0

    mutating func restart(at now: Duration, watts: Double) {
        (least, most, since, until, joules) = (watts, watts, now, now, 0)
    }

    /// That was drawn since the last time.
    mutating func note(_ watts: Double, at now: Duration) {
        joules += watts * (now - until).seconds
        until = now
        (least, most) = (min(least, watts), max(most, watts))
    }

    var average: Double {
        let elapsed = (until - since).seconds
        return elapsed > 0 ? joules / elapsed : most
    }
}

extension Duration {
    var seconds: Double {
        let (seconds, attoseconds) = components
        return Double(seconds) + Double(attoseconds) / 1e18
    }
}
