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

        @Test("passes with an engine that copes", .timeLimit(.minutes(10)), arguments: Family.allCases)
        func copes(_ family: Family) async throws {
            try await judge(family, "\(family)") { (run) throws in
                #expect(try run.text("engine.log").hasSuffix("deploy SUCCESSFUL\n"))
                for node in ["ctl01", "cmp01"] {
                    #expect(try run.text("consoles/\(node).log").contains("\(node) login:"))
                }
            }
        }

        @Test(
            "shows the reported failure with Compass4nfv's limits",
            .timeLimit(.minutes(10)),
            arguments: Family.allCases
        )
        func shows(_ family: Family) async throws {
            try await judge(family, "\(family)-compass") { (run) throws in
                let lines = try run.text("engine.log").split(separator: "\n")
                #expect(lines.last?.hasPrefix("deploy ERROR: ") == true)
            }
        }

        /// Runs a scenario as a user would, and looks at all that it leaves.
        private func judge(_ family: Family, _ name: String, _ more: (RunFiles) throws -> Void) async throws {
            try await Workspace.with { workspace in
                let result = try await workspace.vlab(
                    "run",
                    "Scenarios/quick/\(name).yml",
                    "--pod",
                    "pod-mini",
                    within: .seconds(580)
                )
                let run = try workspace.newestRun()
                #expect(result.status == 0, "\(result.output.suffix(2000))\(result.errors.suffix(1000))")
                #expect(result.output.contains("\(name): PASSED in "))
                #expect(result.output.contains(run.folder))
                try expectPassed(run, name)
                try expectTold(run, family)
                try more(run)
                // The run racked the lab, so nothing of the lab stays.
                #expect(try await workspace.done("list", "--format", "json") == "[\n\n]\n")
                #expect(try workspace.processes().isEmpty)
            }
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
                #expect(links.last?.event == "link.up")
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
