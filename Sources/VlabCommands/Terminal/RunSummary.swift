import LabModel
import Scenario

/// A verdict for a person: what broke, what was expected, what was seen, and where the rest is.
struct RunSummary {
    let text: String

    init(_ verdict: Verdict, folder: String) {
        var lines = [
            "",
            "\(verdict.scenario): \(verdict.outcome.rawValue.uppercased()) in \(Duration.seconds(verdict.seconds).brief)",
        ]
        lines += verdict.reasons.map { "  \($0)" }
        for fault in verdict.faults {
            lines.append(
                "  fault \(fault.id) (\(fault.kind)) bit \(fault.applied)× on \(fault.nodes.joined(separator: ", "))"
            )
        }
        for expectation in verdict.expectations {
            lines.append(
                "  \(expectation.holds ? "✓" : "✗") \(expectation.expected)"
                    + (expectation.holds ? "" : "; saw: \(expectation.saw)")
            )
        }
        if let recovery = verdict.secondsToRecover {
            lines.append("  recovered \(Duration.seconds(recovery).brief) after the last fault")
        }
        lines.append("  seed \(verdict.seed); events, JUnit and consoles: \(folder)")
        text = lines.joined(separator: "\n")
    }
}
