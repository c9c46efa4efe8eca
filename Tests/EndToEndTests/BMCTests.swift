import Testing

extension EndToEnd {
    @Suite("The BMCs of a lab", .serialized)
    struct BMCs {
        @Test("misbehave and behave as they are told, and tell all that they do", .timeLimit(.minutes(3)))
        func told() async throws {
            try await Workspace.with { workspace in
                let lab = try await workspace.up("pod-mini")
                try await workspace.done("bmc", "pod-mini", "ctl01", "misbehave", "power-stuck", "state=on")
                #expect(try await lab.bmc("ctl01", "power status") == "Chassis Power is on\n")
                #expect(try await lab.bmc("cmp01", "power status") == "Chassis Power is off\n")
                let list = try await workspace.done("bmc", "pod-mini")
                #expect(list.contains("off, but it says on") && list.contains("well-behaved"), "\(list)")
                let one = try await workspace.done("bmc", "pod-mini", "ctl01")
                #expect(one.contains("power-stuck state=on, by hand, bit"), "\(one)")
                try await workspace.done("bmc", "pod-mini", "all", "behave")
                #expect(try await lab.bmc("ctl01", "power status") == "Chassis Power is off\n")
                try await lab.bmc("ctl01", "chassis bootdev pxe options=persistent")
                let told = try await workspace.done("logs", "pod-mini")
                #expect(told.contains("kind=bmc.power-stuck"))
                #expect(told.contains("Get Chassis Status → 0x00 success: power on"))
                #expect(told.contains("Set System Boot Options: boot device pxe, always → 0x00 success"))
                #expect(told.contains("ipmi.session.opened"))
                let wrong = try await workspace.vlab("bmc", "pod-mini", "ctl01", "misbehave", "slo")
                #expect(wrong.status == 64 && wrong.errors.contains("did you mean “slow”?"), "\(wrong)")
            }
        }

        @Test(
            "misbehave in a scenario, which an engine that copes passes",
            .timeLimit(.minutes(10)),
            arguments: ["storm", "stale-power", "storm-compass"]
        )
        func scenario(name: String) async throws {
            try await Workspace.with { workspace in
                let run = ["run", "Scenarios/bmc/\(name).yml", "--pod", "pod-mini"]
                let result = try await workspace.start(run).end(within: .seconds(580))
                #expect(result.status == 0, "\(result.output.suffix(2000))\(result.errors.suffix(1000))")
                #expect(result.output.contains("\(name): PASSED in "))
                let words = try #require(result.output.split(whereSeparator: \.isWhitespace).last)
                let files = RunFiles(folder: String(words))
                let verdict = try files.verdict()
                #expect(verdict.faults.allSatisfy { $0.applied > 0 })
                #expect(try files.changes().open == 0, "every BMC behaves again")
            }
        }
    }
}
