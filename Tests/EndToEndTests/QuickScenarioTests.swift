import Testing

extension EndToEnd {
    @Suite("A quick scenario", .serialized)
    struct QuickScenarios {
        /// What each must show beside its verdict.
        enum Family: String, CaseIterable, CustomStringConvertible {
            case downloadTimeout = "download-timeout"
            case nicFlap = "nic-flap"
            case ntpStuck = "ntp-stuck"
            var description: String { rawValue }
        }

        @Test(
            "passes with an engine that copes, and beside it shows the reported failure with Compass4nfv's limits",
            .timeLimit(.minutes(10)),
            arguments: Family.allCases
        )
        func bothWays(_ family: Family) async throws {
            try await Workspace.with { workspace in
                // Most of a run is waiting, so the two run side by side, in two labs with the same addresses.
                async let copes = judge(family, "\(family)", in: workspace)
                async let fails = judge(family, "\(family)-compass", in: workspace)
                let (success, failure) = try await (copes, fails)
                #expect(try success.text("engine.log").hasSuffix("deploy SUCCESSFUL\n"))
                for node in ["ctl01", "cmp01"] {
                    #expect(try success.text("consoles/\(node).log").contains("\(node) login:"))
                }
                let last = try failure.text("engine.log").split(separator: "\n").last
                #expect(last?.hasPrefix("deploy ERROR: ") == true)
                // The runs racked the labs, so nothing of the labs stays.
                #expect(try await workspace.done("list", "--format", "json") == "[\n\n]\n")
                #expect(try workspace.processes().isEmpty)
            }
        }

        /// Runs a scenario as a user would, and looks at what it says and leaves.
        private func judge(_ family: Family, _ name: String, in workspace: Workspace) async throws -> RunFiles
        {
            let command = ["run", "Scenarios/quick/\(name).yml", "--pod", "pod-mini", "--as", name]
            let result = try await workspace.start(command).end(within: .seconds(580))
            #expect(result.status == 0, "\(result.output.suffix(2000))\(result.errors.suffix(1000))")
            #expect(result.output.contains("\(name): PASSED in "))
            let words = try #require(result.output.split(whereSeparator: \.isWhitespace).last)
            let run = RunFiles(folder: String(words))
            try expectPassed(run, name)
            try expectTold(run, family)
            return run
        }

        private func expectPassed(_ run: RunFiles, _ name: String) throws {
            let verdict = try run.verdict()
            #expect(verdict.outcome == "passed", "\(verdict.reasons)")
            #expect(verdict.scenario == name)
            #expect(verdict.faults.allSatisfy { $0.applied > 0 })
            #expect(verdict.expectations.allSatisfy { $0.holds })
            let junit = try run.junit()
            #expect(junit.attributes["name"] == name)
            #expect(junit.attributes["failures"] == "0")
            #expect(junit.attributes["errors"] == "0")
            // The lab, each fault, each expectation.
            #expect(junit.tests == 1 + verdict.faults.count + verdict.expectations.count)
        }

        /// The fault was armed, bit, and was healed, in this order, and the lab is as it was.
        private func expectTold(_ run: RunFiles, _ family: Family) throws {
            let events = try run.events()
            let story = events.map(\.event).filter {
                $0.hasPrefix("fault.") || $0.hasPrefix("engine.s") || $0 == "run.verdict"
            }
            #expect(story.prefix(2) == ["fault.armed", "engine.started"], "\(story)")
            #expect(story.contains("fault.applied"))
            #expect(story.last == "run.verdict" || story.last == "fault.undone")
            let changes = try run.changes()
            #expect(changes.made > 0)
            #expect(changes.open == 0, "what was broken was mended")
            switch family {
            case .downloadTimeout:
                let stalled = events.filter {
                    $0.event == "http.served" && $0.details["faults"] == "silent-mirror"
                }
                #expect(!stalled.isEmpty)
            case .nicFlap:
                let links = events.filter { $0.event.hasPrefix("link.") }
                #expect(links.count { $0.event == "link.down" } >= 1)
                // The fault's own last word, or the lab's when the run ended before it.
                let undone = events.filter { $0.event == "fault.undone" }.compactMap { $0.details["remedy"] }
                #expect(
                    links.last?.event == "link.up" || undone.contains("link of ctl01 eth0 up"),
                    "\(undone)"
                )
                #expect(Set(links.map(\.node)) == ["ctl01"])
            case .ntpStuck:
                #expect(events.contains { $0.event == "ntp.dropped" })
                #expect(
                    try run.text("consoles/ctl01.log").contains("Getting the time from a network time server")
                )
            }
        }
    }
}
