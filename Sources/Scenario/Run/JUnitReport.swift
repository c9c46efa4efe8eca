import LabModel

/// A verdict as JUnit's XML, which every CI shows: one test for each fault and each expectation.
package struct JUnitReport {
    private struct Test {
        var name: String
        var problem: (element: String, type: String, text: String)?
    }

    private let verdict: Verdict

    package init(_ verdict: Verdict) { self.verdict = verdict }

    package var text: String {
        let tests = self.tests
        let failures = tests.count { $0.problem?.element == "failure" }
        let errors = tests.count { $0.problem?.element == "error" }
        let suite = Self.escape(verdict.scenario)
        var lines = [
            #"<?xml version="1.0" encoding="UTF-8"?>"#,
            "<testsuite name=\"\(suite)\" tests=\"\(tests.count)\" failures=\"\(failures)\" errors=\"\(errors)\" "
                + "time=\"\(verdict.seconds)\">",
            "  <properties>",
        ]
        let properties = [
            ("verdict", verdict.outcome.rawValue), ("pod", verdict.pod), ("seed", "\(verdict.seed)"),
            ("reproduces", verdict.reproduces.joined(separator: " ")), ("engine", verdict.engine),
        ]
        for (name, value) in properties {
            lines.append("    <property name=\"\(name)\" value=\"\(Self.escape(value))\"/>")
        }
        lines.append("  </properties>")
        for test in tests {
            let head = "  <testcase classname=\"\(suite)\" name=\"\(Self.escape(test.name))\""
            guard let problem = test.problem else {
                lines.append(head + "/>")
                continue
            }
            lines.append(head + ">")
            lines.append(
                "    <\(problem.element) type=\"\(problem.type)\" message=\"\(Self.escape(problem.text))\"/>"
            )
            lines.append("  </testcase>")
        }
        return (lines + ["</testsuite>", ""]).joined(separator: "\n")
    }

    private var tests: [Test] {
        let faults = verdict.faults.map { fault in
            Test(
                name: "fault \(fault.id) bites",
                problem: fault.applied > 0 ? nil : ("error", "inconclusive", "\(fault.kind) never bit")
            )
        }
        let expectations = verdict.expectations.map { report in
            Test(
                name: "\(report.section): \(report.expected)",
                problem: report.holds ? nil : ("failure", "failed", report.text)
            )
        }
        let isBroken = verdict.outcome == .broken
        let lab = Test(
            name: "the lab works",
            problem: isBroken ? ("error", "broken", verdict.reasons.first ?? "") : nil
        )
        // What an unsound lab or an idle fault let through or not is no result of a test.
        let isSound = verdict.outcome == .passed || verdict.outcome == .failed
        return [lab] + faults + (isSound ? expectations : [])
    }

    /// XML 1.0 has no way at all to write most control characters.
    static func escape(_ text: String) -> String {
        text.unicodeScalars.reduce(into: "") { result, scalar in
            switch scalar {
            case "&": result += "&amp;"
            case "<": result += "&lt;"
            case ">": result += "&gt;"
            case "\"": result += "&quot;"
            case "\n", "\t": result += " "
            case "\u{0}"..."\u{1F}", "\u{FFFE}", "\u{FFFF}": result += "\u{FFFD}"
            default: result.unicodeScalars.append(scalar)
            }
        }
    }
}
