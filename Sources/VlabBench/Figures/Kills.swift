import Foundation
import Glibc

/// `kill -9` of each part of a lab at random moments: nothing may be left over.
struct Kills: Measurement {
    let name = "kills"
    private static let pod = "pod-mini"
    private static let limit = Duration.seconds(480)
    /// A lab is taken down and made anew after so many kills: of five libvirts in a row that soon end it despairs.
    private static let perLab = 4

    private enum Victim: String, CaseIterable { case supervisor, libvirt, qemu, run = "vlab run" }

    /// What came of the kills of one part.
    private struct Tally {
        var kills = 0
        var left: [String] = []
        var longest = Duration.zero
        var notes: [String] = []
    }

    func measure(with bench: Bench) async throws -> [Figure] {
        var moments = SeededMoments(seed: bench.seed)
        let start = ContinuousClock.now
        var figures: [Figure] = []
        for (index, victim) in Victim.allCases.enumerated() {
            let deadline = start + Self.limit * Double(index + 1) / Double(Victim.allCases.count)
            var tally = Tally()
            switch victim {
            case .supervisor: try await killSupervisors(bench, &moments, deadline, &tally)
            case .libvirt, .qemu: try await killParts(victim, bench, &moments, deadline, &tally)
            case .run: try await killRuns(bench, &moments, deadline, &tally)
            }
            if tally.kills < bench.kills {
                tally.notes.append("only \(tally.kills) kills: the time was over")
            }
            tally.notes.append(String(format: "gone within %.2f s at most", tally.longest.seconds))
            figures.append(
                Figure(
                    what: "left over after kill -9 of \(victim.rawValue), \(tally.kills) times",
                    value: Double(tally.left.count),
                    unit: .count,
                    target: "0",
                    isMet: tally.left.isEmpty && tally.kills == bench.kills,
                    notes: tally.notes + tally.left.prefix(10)
                )
            )
        }
        return figures
    }

    /// While it racks, while machines start, while they run.
    private func killSupervisors(
        _ bench: Bench,
        _ moments: inout SeededMoments,
        _ deadline: ContinuousClock.Instant,
        _ tally: inout Tally
    ) async throws {
        let pod = try bench.folder(of: Self.pod)
        while tally.kills < bench.kills, ContinuousClock.now < deadline {
            let moment = moments.moment(within: .seconds(4))
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask {
                    guard try await bench.attempt(["up", pod], within: .seconds(60)).isGood else { return }
                    _ = try await bench.attempt(["power", Self.pod, "on"], within: .seconds(60))
                }
                try await Task.sleep(for: moment)
                try await kill(.supervisor, in: bench)
                try await group.waitForAll()
            }
            tally.kills += 1
            try await bench.run("down", Self.pod)
            try await check(bench, &tally, "after a supervisor killed at \(moment)")
        }
    }

    /// Parts whose end the lab survives: it must answer again, and be gone after `down`.
    private func killParts(
        _ victim: Victim,
        _ bench: Bench,
        _ moments: inout SeededMoments,
        _ deadline: ContinuousClock.Instant,
        _ tally: inout Tally
    ) async throws {
        let pod = try bench.folder(of: Self.pod)
        while tally.kills < bench.kills, ContinuousClock.now < deadline {
            try await bench.run("up", pod)
            bench.learn()
            for _ in 0..<min(Self.perLab, bench.kills - tally.kills) where ContinuousClock.now < deadline {
                let moment = moments.moment(within: .milliseconds(1500))
                try await withThrowingTaskGroup(of: Void.self) { group in
                    // Killed in the midst of an action; what that then says is not the question here.
                    group.addTask {
                        _ = try await bench.attempt(["power", Self.pod, "on"], within: .seconds(60))
                    }
                    try await Task.sleep(for: moment)
                    try await kill(victim, in: bench)
                    try await group.waitForAll()
                }
                tally.kills += 1
                try await awaitRecovery(bench, &tally)
            }
            try await bench.run("down", Self.pod)
            try await check(bench, &tally, "after kills of \(victim.rawValue)")
        }
    }

    /// A lab that was made for a run ends with the run, however that ended.
    private func killRuns(
        _ bench: Bench,
        _ moments: inout SeededMoments,
        _ deadline: ContinuousClock.Instant,
        _ tally: inout Tally
    ) async throws {
        let pod = try bench.folder(of: Self.pod)
        while tally.kills < bench.kills, ContinuousClock.now < deadline {
            let moment = moments.moment(within: .seconds(6))
            let end = try await bench.attempt(
                ["run", "Scenarios/quick/nic-flap.yml", "--pod", pod],
                within: .seconds(60)
            ) { pid in
                try await Task.sleep(for: moment)
                bench.learn()
                guard Glibc.kill(pid, SIGKILL) == 0 else { throw BenchError("vlab run had ended by itself") }
            }
            guard !end.isGood else { throw BenchError("vlab run was not killed") }
            tally.kills += 1
            try await check(bench, &tally, "after vlab run killed at \(moment)")
            try await bench.run("down", Self.pod)
        }
    }

    private func check(_ bench: Bench, _ tally: inout Tally, _ when: String) async throws {
        let (left, after) = try await bench.trace.settle()
        tally.left += left.map { "\(when): \($0)" }
        tally.longest = max(tally.longest, after)
    }

    /// Waits for the process to appear and ends it.
    private func kill(_ victim: Victim, in bench: Bench) async throws {
        let part: LabProcess.Part =
            switch victim {
            case .supervisor: .supervisor
            case .libvirt: .libvirt
            case .qemu: .qemu
            case .run: .vlab
            }
        for _ in 0..<2000 {
            bench.learn()
            // unshare(1) has the supervisor's words behind its own; the supervisor is vlab itself.
            if let found = bench.trace.processes.first(where: { $0.part == part }) {
                guard Glibc.kill(found.pid, SIGKILL) == 0 || errno == ESRCH else {
                    throw BenchError("cannot kill process \(found.pid): error \(errno)")
                }
                return
            }
            try await Task.sleep(for: .milliseconds(10))
        }
        throw BenchError("no \(victim.rawValue) to kill appeared within 20 s")
    }

    private func awaitRecovery(_ bench: Bench, _ tally: inout Tally) async throws {
        let start = ContinuousClock.now
        // Its status is good again when all its parts live.
        while !(try await bench.attempt(["status", Self.pod], within: .seconds(20)).isGood) {
            guard ContinuousClock.now - start < .seconds(15) else {
                tally.notes.append("kill \(tally.kills): the lab did not recover within 15 s")
                return
            }
            try await Task.sleep(for: .milliseconds(100))
        }
    }
}
