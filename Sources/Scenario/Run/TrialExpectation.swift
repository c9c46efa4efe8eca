import LabModel

/// An expectation in a trial.
struct TrialExpectation: Sendable {
    let expectation: Expectation
    let section: String
    let nodes: [Node]
    var watch: any ExpectationWatch
    /// What was seen when its time was over before it came true.
    private var late: String?

    init(_ expectation: Expectation, _ section: String, pod: Pod, seed: UInt64) {
        (self.expectation, self.section) = (expectation, section)
        nodes = expectation.kind.selector.choose(from: pod, seed: seed, label: expectation.place.description)
        watch = expectation.kind.watch(nodes)
    }

    /// What was seen in time counts, whatever comes later.
    private var inTime = false

    func deadline(from start: Duration) -> Duration? {
        guard late == nil, !inTime, let within = expectation.within else { return nil }
        return start + within
    }

    mutating func expire(since start: Duration, at time: Duration) {
        guard late == nil, !inTime, let within = expectation.within else { return }
        if watch.finding.holds {
            inTime = true
        } else if time >= start + within {
            late = "\(watch.finding.saw) (\((time - start).brief) after the last fault)"
        }
    }

    var isMet: Bool {
        if case .met = watch.finding { late == nil } else { false }
    }
    var isViolated: Bool {
        if case .violated = watch.finding { true } else { late != nil }
    }
    var isDecided: Bool { isMet || isViolated }

    /// Whose BMCs it wants asked.
    var probedNodes: [String] { expectation.kind is BMCReachable ? nodes.map(\.name) : [] }

    var report: Verdict.ExpectationReport {
        Verdict.ExpectationReport(
            file: expectation.place.file,
            line: expectation.place.line,
            section: section,
            expected: expectation.prose,
            saw: late ?? watch.finding.saw,
            holds: late == nil && watch.finding.holds
        )
    }
}
