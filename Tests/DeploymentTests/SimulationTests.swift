import Deployment
import Foundation
import LabModel
import Synchronization
import Testing

@Suite("Whatever the pod does to it, a deployment")
struct SimulationTests {
    private func policy(_ name: String) throws -> Policy {
        try PolicyReader.read(try PolicyReader.text(of: name), file: name)
    }

    /// Runs an engine on a pod; with `kill`, cancels it at that call of the outside world.
    private func run(
        _ pod: FlakyPod,
        _ time: JumpTimekeeper,
        _ work: String,
        policy: String,
        resume: Bool = false,
        kill: Int? = nil,
        log: @escaping @Sendable (LogLine) -> Void = { _ in }
    ) async throws {
        let world = SimulatedWorld(pod: pod).world(time)
        let engine =
            try resume
            ? Engine(resuming: work, world: world, log: log)
            : Engine(work: work, request: Scratch.request(policy: policy), world: world, log: log)
        let task = Task { try await engine.run() }
        if let kill { await pod.killEngine(at: kill) { task.cancel() } }
        try await task.value
    }

    private func clock(for pod: FlakyPod) -> JumpTimekeeper {
        let now = Mutex<JumpTimekeeper?>(nil)
        let time = JumpTimekeeper { await pod.advance(to: now.withLock { $0?.now ?? .zero }) }
        now.withLock { $0 = time }
        return time
    }

    @Test(
        "ends within its policy's bounds, and succeeds only when every node was verified",
        arguments: UInt64(0)..<200
    )
    func endsInTruth(seed: UInt64) async throws {
        let name = seed % 4 == 3 ? "compass-gambia" : "default"
        let (rules, work, pod) = (try policy(name), try Scratch(), FlakyPod(seed: seed))
        let time = clock(for: pod)
        var succeeded = true
        do {
            try await run(pod, time, work.path, policy: name)
        } catch {
            succeeded = false
            #expect(error is DeployError, "seed \(seed)")
        }
        let machines = await pod.machines
        let isWhole = machines.count == 5 && machines.values.allSatisfy { $0.verified && $0.hasServices }
        #expect(!succeeded || isWhole, "seed \(seed): success on a pod that is not deployed")
        let progress = try Journal.progress(at: Engine.journal(in: work.path))
        #expect(progress.outcome == (succeeded ? .succeeded : .failed))
        // Each command that makes a node run, and each recovery, may begin an installation.
        let starts = rules.power.steps.filter { $0 != .bootPXE && $0 != .bootDisk }.count
        for machine in machines.values {
            #expect(machine.begun <= starts + rules.install.recoveries, "seed \(seed): \(machine.node.name)")
        }
        #expect(time.now < .seconds(48 * 3600), "seed \(seed) took \(time.now.brief)")
        withExtendedLifetime(work) {}
    }

    @Test("succeeds on many a pod that fails now and then, though not on all")
    func copes() async throws {
        var successes = 0
        for seed in UInt64(0)..<60 {
            let (work, pod) = (try Scratch(), FlakyPod(seed: seed))
            do {
                try await run(pod, clock(for: pod), work.path, policy: "default")
                successes += 1
            } catch is DeployError {}
            withExtendedLifetime(work) {}
        }
        #expect((20..<60).contains(successes))
    }

    @Test(
        "succeeds on a pod without faults, with one installation a node",
        arguments: ["default", "compass-gambia"]
    )
    func succeeds(policy: String) async throws {
        let (work, pod) = (try Scratch(), FlakyPod(seed: 1, weakness: .init()))
        try await run(pod, clock(for: pod), work.path, policy: policy)
        let installs = await pod.machines.values.map(\.installed)
        #expect(installs == [1, 1, 1, 1, 1])
        withExtendedLifetime(work) {}
    }

    @Test("gets past a silent time server only with a policy that says how")
    func silentTime() async throws {
        var weakness = FlakyPod.Weakness()
        weakness.silentTime = true
        let (work, pod) = (try Scratch(), FlakyPod(seed: 1, weakness: weakness))
        try await run(pod, clock(for: pod), work.path, policy: "default")
        #expect(await pod.machines.values.allSatisfy { $0.begun == 2 && $0.installed == 1 && $0.verified })

        let (other, strict) = (try Scratch(), FlakyPod(seed: 1, weakness: weakness))
        let time = clock(for: strict)
        let error = await #expect(throws: DeployError.self) {
            try await run(strict, time, other.path, policy: "compass-gambia")
        }
        #expect(error?.message.hasPrefix("OS installation timeout: ctl01 clock") == true)
        #expect(time.now >= .seconds(3600))
        withExtendedLifetime((work, other)) {}
    }

    @Test("of compass-gambia never touches the hosts behind one whose BMC is dead, and notices after an hour")
    func deadBMC() async throws {
        var weakness = FlakyPod.Weakness()
        weakness.deadBMC = 1
        let (work, pod) = (try Scratch(), FlakyPod(seed: 1, weakness: weakness))
        let error = await #expect(throws: DeployError.self) {
            try await run(pod, clock(for: pod), work.path, policy: "compass-gambia")
        }
        #expect(error?.message.hasPrefix("OS installation timeout") == true)
        let machines = await pod.machines
        #expect(machines["ctl01"]?.powerCommands == 5)
        #expect(machines.values.filter { $0.powerCommands > 0 }.count == 1)
        withExtendedLifetime(work) {}
    }

    @Test("that was killed anywhere goes on, and installs no node twice", arguments: UInt64(0)..<100)
    func resumes(seed: UInt64) async throws {
        let (work, pod) = (try Scratch(), FlakyPod(seed: seed, weakness: .init()))
        let time = clock(for: pod)
        var generator = SeededGenerator(seed: seed)
        var begun = false
        for _ in 0..<5 {
            let kill = Int.random(in: 1...60, using: &generator)
            do {
                try await run(pod, time, work.path, policy: "default", resume: begun, kill: kill)
            } catch is CancellationError {}
            begun = true
            if generator.chance(0.5) { try tear(Engine.journal(in: work.path), &generator) }
            // Meanwhile the nodes go on by themselves.
            for _ in 0..<Int.random(in: 0..<10, using: &generator) { try await time.sleep(for: .seconds(2)) }
        }
        try await run(pod, time, work.path, policy: "default", resume: true, kill: .max)
        let machines = await pod.machines
        #expect(machines.count == 5)
        for machine in machines.values {
            #expect(machine.verified, "seed \(seed): \(machine.node.name)")
            #expect(machine.installed == 1, "seed \(seed): \(machine.node.name)")
        }
        withExtendedLifetime(work) {}
    }

    /// A crash in the middle of a line.
    private func tear(_ path: String, _ generator: inout SeededGenerator) throws {
        let file = try FileHandle(forWritingTo: URL(fileURLWithPath: path))
        try file.seekToEnd()
        let half = #"{"event":"stepFinished","node":"ctl01","sta"#
        try file.write(contentsOf: Data(half.utf8.prefix(Int.random(in: 1..<half.count, using: &generator))))
        try file.close()
    }
}
