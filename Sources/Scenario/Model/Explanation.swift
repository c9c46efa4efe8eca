import LabModel

extension Scenario {
    /// The scenario in sentences, for people who do not read YAML.
    package var explanation: [String] {
        var lines = ["\(name) on \(pod), seed \(seed), at most \(budget.brief)."]
        if !reproduces.isEmpty { lines.append("Reproduces \(reproduces.joined(separator: ", ")).") }
        lines += ["The engine \(engine.prose).", "", "What goes wrong:"]
        for fault in faults {
            lines.append("  \(fault.id): \(fault.kind.prose). The lab heals it: \(fault.until.prose).")
        }
        if !during.isEmpty { lines += ["", "At every moment:"] + during.map { "  \($0.prose)." } }
        if !recover.isEmpty {
            lines += ["", "Once the last fault is over:"] + recover.map { "  \($0.prose)." }
        }
        return lines
    }
}

extension Form {
    /// The kind in lines of text, as `vlab lint --kinds` shows it.
    package var lines: [String] {
        var lines = ["\(name): \(summary)."]
        for section in sections where !section.fields.isEmpty {
            lines.append("  \(section.name):")
            lines += section.fields.map { "    \($0.name): \($0.summary)\($0.required ? " (required)" : "")" }
        }
        return lines
    }
}

extension Verdict {
    /// The verdict in lines of text for a terminal.
    package var lines: [String] {
        var lines = [
            "\(outcome.rawValue): \(scenario) on \(pod) in \(Duration.seconds(seconds).brief), seed \(seed), "
                + "engine: \(engine)"
        ]
        lines += reasons.map { "  because \($0)" }
        for fault in faults {
            let first = fault.firstApplied.map { ", first after \(Duration.seconds($0).brief)" } ?? ""
            let healed =
                fault.healed.map { "healed after \(Duration.seconds($0).brief)" } ?? "healed at the end"
            lines.append("  fault \(fault.id) (\(fault.kind)) bit \(fault.applied) times\(first), \(healed)")
        }
        for report in expectations {
            lines.append("  \(report.holds ? "ok    " : "not ok") \(report.text)")
        }
        if let secondsToRecover { lines.append("  recovered in \(Duration.seconds(secondsToRecover).brief)") }
        return lines
    }
}
