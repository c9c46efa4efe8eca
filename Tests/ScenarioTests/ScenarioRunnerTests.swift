import Foundation
import Gateway
import LabModel
import Synchronization
import Testing

@testable import Scenario

@Suite("A run", .timeLimit(.minutes(1)))
struct ScenarioRunnerTests {
    private static let flap = """
        scenario: flap
        pod: pod1
        budget: {wall: 600m}
        faults:
          - id: cable
            kind: link.flap
            where: {node: ctl02, nic: mgmt}
            args: {down: 2s, up: 1s, cycles: 3}
            when: {on: http, url: "**/disk.img", at: 40%}
        expect:
          recover:
            - engine.status: {is: SUCCESSFUL}

        """

    private func scenario(_ text: String = flap) throws -> Scenario {
        try ScenarioReader.read(text: text, file: "r.yml").0
    }

    private func folder() throws -> RunFolder {
        try RunFolder(FileManager.default.temporaryDirectory.path + "/vlab-run-\(UUID().uuidString)")
    }

    private func remove(_ folder: RunFolder) {
        // A folder that stays behind hurts nobody.
        try? FileManager.default.removeItem(atPath: folder.path)
    }

    /// Downloads as node ctl02 does, through the rule that catches it, then ends once the link has flapped.
    private func copingEngine(_ lab: MemoryLab, _ clock: FastClock) -> MemoryEngine {
        MemoryEngine(clock: clock) { onLine in
            onLine("12:00:00 install ctl02 downloading")
            let hook = lab.state.withLock { $0.hooks["cable@ctl02"] }
            await hook?()
            // The download goes on only when its link is down: that is what «in the middle» means.
            let wasDown = lab.state.withLock { $0.downLinks.contains("ctl02 eth0") }
            onLine(wasDown ? "the link is down" : "the link is still up")
            while lab.state.withLock({ $0.hooks["cable@ctl02"] != nil }) { await Task.yield() }
            return .exited(wasDown ? 0 : 1)
        }
    }

    @Test("breaks, waits, judges, heals and reports")
    func whole() async throws {
        let (lab, clock) = (MemoryLab(), FastClock())
        let folder = try folder()
        defer { remove(folder) }
        let runner = ScenarioRunner(
            try scenario(),
            lab: lab,
            engine: copingEngine(lab, clock),
            folder: folder,
            clock: clock
        )
        let verdict = try await runner.run()
        #expect(verdict.outcome == .passed, "\(verdict.lines.joined(separator: "\n"))")
        #expect(verdict.faults.first?.applied == 3)
        #expect(lab.isWhole)
        #expect(HealJournal.pending(at: folder.journal).isEmpty)

        let events = try String(contentsOfFile: folder.events, encoding: .utf8).split(separator: "\n")
        #expect(events.count { $0.contains("\"fault.applied\"") } == 3)
        #expect(events.last?.contains("run.verdict") == true)
        let log = try String(contentsOfFile: folder.engineLog, encoding: .utf8)
        #expect(log.hasSuffix("the link is down\n"))
        let junit = try String(contentsOfFile: folder.junit, encoding: .utf8)
        #expect(junit.contains("failures=\"0\" errors=\"0\""))
        let stored = try Data(contentsOf: URL(fileURLWithPath: folder.verdict))
        #expect(try JSONDecoder().decode(Verdict.self, from: stored) == verdict)
    }

    @Test("of an engine that hangs ends with its budget, and leaves nothing broken")
    func budget() async throws {
        let (lab, clock) = (MemoryLab(), FastClock())
        let folder = try folder()
        defer { remove(folder) }
        let text = Self.flap.replacingOccurrences(of: "600m", with: "10m")
            .replacingOccurrences(of: "cycles: 3", with: "cycles: 9999")
            .replacingOccurrences(of: "{on: http, url: \"**/disk.img\", at: 40%}", with: "{at: 1s}")
        let runner = ScenarioRunner(
            try scenario(text),
            lab: lab,
            engine: MemoryEngine.hanging(clock),
            folder: folder,
            clock: clock
        )
        let verdict = try await runner.run()
        #expect(verdict.outcome == .failed, "\(verdict.lines.joined(separator: "\n"))")
        #expect(verdict.reasons.contains("the budget of 10m00s was used up"))
        #expect(lab.isWhole)
    }

    @Test("that is cancelled heals the lab all the same")
    func cancelled() async throws {
        let lab = MemoryLab()
        let folder = try folder()
        defer { remove(folder) }
        let held = Mutex(false)
        let engine = MemoryEngine { _ in
            // Caught in the middle of the download, and never let go: cancelling must.
            let hook = lab.state.withLock { $0.hooks["cable@ctl02"] }
            held.withLock { $0 = true }
            await hook?()
            await MemoryEngine.untilCancelled()
            return .signalled(15)
        }
        let runner = ScenarioRunner(try scenario(), lab: lab, engine: engine, folder: folder)
        let run = Task { try await runner.run() }
        while !held.withLock({ $0 }) { await Task.yield() }
        run.cancel()
        await #expect(throws: CancellationError.self) { try await run.value }
        #expect(lab.isWhole)
        #expect(HealJournal.pending(at: folder.journal).isEmpty)
    }

    @Test("is broken when the lab refuses, also when it refuses to be healed", arguments: [true, false])
    func refused(atOnce: Bool) async throws {
        let (lab, clock) = (MemoryLab(), FastClock())
        lab.state.withLock { state in
            state.refusesLinks = atOnce
            state.refusesToHeal = true
        }
        let folder = try folder()
        defer { remove(folder) }
        let text = Self.flap.replacingOccurrences(
            of: "{on: http, url: \"**/disk.img\", at: 40%}",
            with: "{at: 1s}"
        )
        let runner = ScenarioRunner(
            try scenario(text),
            lab: lab,
            engine: MemoryEngine.hanging(clock),
            folder: folder,
            clock: clock
        )
        let verdict = try await runner.run()
        #expect(verdict.outcome == .broken)
        #expect(verdict.reasons.contains { $0.contains("libvirt: no domain") })
        // What could not be healed is still in the journal, for the next start.
        #expect(!HealJournal.pending(at: folder.journal).isEmpty)
        let junit = try String(contentsOfFile: folder.junit, encoding: .utf8)
        #expect(junit.contains("<error type=\"broken\""))
    }

    @Test("ends when its lab does")
    func labGone() async throws {
        let lab = MemoryLab()
        let folder = try folder()
        defer { remove(folder) }
        let engine = MemoryEngine { _ in
            lab.goDown()
            await MemoryEngine.untilCancelled()
            return .signalled(15)
        }
        let runner = ScenarioRunner(try scenario(), lab: lab, engine: engine, folder: folder)
        let verdict = try await runner.run()
        #expect(verdict.outcome == .broken)
        #expect(verdict.reasons.first?.contains("the lab has gone away") == true)
    }

    @Test("does not start in a lab with a silent BMC, nor on a pod that it does not fit")
    func notStarted() async throws {
        let lab = MemoryLab()
        lab.state.withLock { $0.silentBMC = "cmp001" }
        let folder = try folder()
        defer { remove(folder) }
        let runner = ScenarioRunner(try scenario(), lab: lab, engine: MemoryEngine.hanging(), folder: folder)
        #expect(try await runner.run().outcome == .broken)
        #expect(lab.state.withLock { $0.changes } == 0)
        let misfit = try scenario(Self.flap.replacingOccurrences(of: "ctl02", with: "ctl07"))
        let other = ScenarioRunner(misfit, lab: lab, engine: MemoryEngine.hanging(), folder: folder)
        await #expect(throws: Diagnostics.self) { try await other.run() }
    }
}

@Suite("A heal journal")
struct HealJournalTests {
    private let path = FileManager.default.temporaryDirectory.path + "/vlab-heal-\(UUID().uuidString).jsonl"

    @Test("tells the next process what to undo, newest first, and only once")
    func replay() async throws {
        defer { try? FileManager.default.removeItem(atPath: path) }  // It may not be there.
        let lab = MemoryLab()
        let link = Change.linkDown(node: "ctl01", nic: "eth0")
        let rule = Change.rule(Rule(id: "n", "ntp.unreachable"))
        do {
            let journal = try HealJournal(path: path)
            try journal.open(rule.remedy)
            lab.install(Rule(id: "n", "ntp.unreachable"))
            try journal.open(link.remedy)
            try lab.setLink(of: "ctl01", nic: "eth0", up: false)
            // Here the process dies.
        }
        #expect(HealJournal.pending(at: path) == [link.remedy, rule.remedy])
        let journal = try HealJournal(path: path)
        #expect(try await journal.healAll(on: lab) == [link.remedy, rule.remedy])
        #expect(lab.isWhole)
        let changes = lab.state.withLock { $0.changes }
        #expect(try await journal.healAll(on: lab).isEmpty)
        #expect(lab.state.withLock { $0.changes } == changes)
    }

    @Test("ignores a line that was cut off, whose change was never made", arguments: 1..<60)
    func cutOff(bytes: Int) throws {
        defer { try? FileManager.default.removeItem(atPath: path) }  // It may not be there.
        let first = Change.linkDown(node: "a", nic: "eth0").remedy
        try HealJournal(path: path).open(first)
        let whole = try Data(contentsOf: URL(fileURLWithPath: path))
        #expect(whole.count > 60)
        try (whole + whole.prefix(bytes)).write(to: URL(fileURLWithPath: path))
        #expect(HealJournal.pending(at: path) == [first])
    }

    @Test("of a killed run is found among all runs")
    func unfinished() throws {
        let runs = FileManager.default.temporaryDirectory.path + "/vlab-runs-\(UUID().uuidString)"
        defer { try? FileManager.default.removeItem(atPath: runs) }  // It may not be there.
        let remedy = Change.linkDown(node: "a", nic: "eth0").remedy
        for name in ["healed", "killed"] {
            let journal = try HealJournal(path: RunFolder("\(runs)/\(name)").journal)
            try journal.open(remedy)
            if name == "healed" { try journal.close(remedy) }
        }
        #expect(HealJournal.unfinished(under: runs) == ["\(runs)/killed/heal.jsonl"])
        #expect(HealJournal.unfinished(under: "/nonexistent").isEmpty)
    }

    @Test("that is not there has nothing to undo")
    func none() { #expect(HealJournal.pending(at: path).isEmpty) }
}
