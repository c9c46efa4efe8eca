import Foundation
import Gateway
import Lab
import LabModel
import Scenario
import Synchronization

/// Runs scenarios in the lab, one at a time, each for as long as whoever asked for it listens.
final class ScenarioRuns: Sendable {
    /// A run that somebody asked for.
    struct Job: Sendable {
        let order: RunOrder
        /// Each event as a line of JSON, and an empty line each second, so that a listener that is gone is noticed.
        let lines: LineFeed
        fileprivate let departure: AsyncStream<Void>
        private let leaves: AsyncStream<Void>.Continuation

        init(_ order: RunOrder) throws {
            self.order = order
            lines = LineFeed(of: try RunFolder(order.folder).events)
            (departure, leaves) = AsyncStream.makeStream()
        }

        /// The listener is gone: the run ends and heals what it broke.
        func abandon() { leaves.finish() }
    }

    private let lab: Lab
    private let gateway: Gateway
    private let bmcs: BMCRack
    private let folder: LabFolder
    private let jobs = AsyncStream<Job>.makeStream()
    private let isBusy = Mutex(false)

    init(lab: Lab, gateway: Gateway, bmcs: BMCRack, folder: LabFolder) {
        (self.lab, self.gateway, self.bmcs, self.folder) = (lab, gateway, bmcs, folder)
    }

    private var racked: RackedLab { RackedLab(lab: lab, gateway: gateway, bmcs: bmcs) }

    /// Undoes what runs that were killed left broken, by their journals.
    func healLeftovers(under runs: String) async throws {
        for path in HealJournal.unfinished(under: runs) {
            for remedy in try await HealJournal(path: path).healAll(on: racked) {
                lab.events.emit(LabEvent("fault.undone", node: remedy.node, ["remedy": remedy.description]))
            }
        }
    }

    /// Begins a run; refused while there is another.
    func begin(_ order: RunOrder) throws -> Job {
        let job = try Job(order)
        let isFirst = isBusy.withLock { busy in
            defer { busy = true }
            return !busy
        }
        guard isFirst else {
            throw ControlError.refused("another scenario is running in this lab; wait for its end")
        }
        jobs.continuation.yield(job)
        return job
    }

    /// Does the work, until cancelled.
    func run() async throws {
        for await job in jobs.stream {
            await withTaskGroup { group in
                group.addTask { [self] in await judge(job) }
                group.addTask { for await _ in job.departure {} }
                group.addTask {
                    while !Task.isCancelled {
                        job.lines.beat()
                        // Cancelled: the loop ends.
                        try? await Task.sleep(for: .seconds(1))
                    }
                }
                // The verdict, or a listener that left.
                await group.next()
                group.cancelAll()
            }
            isBusy.withLock { $0 = false }
            job.lines.finish()
        }
    }

    private func judge(_ job: Job) async {
        let tell: EventSink = { event in
            job.lines.say(event)
        }
        do {
            try await judge(job.order, tell)
        } catch {
            tell(LabEvent("run.broken", ["why": "\(error)"]))
        }
    }

    private func judge(_ order: RunOrder, _ emit: @escaping EventSink) async throws {
        var (scenario, _) = try ScenarioReader.read(order.scenario)
        if let seed = order.seed { scenario.seed = seed }
        let record = try LabRecord(contentsOf: folder)
        let (spec, place) = order.engine(of: scenario, in: record)
        scenario.engine = spec
        let runFolder = try RunFolder(order.folder)
        let work = "\(order.folder)/engine"
        try link(folder.engine, to: work)
        let engine = EngineProcess(
            record: record,
            work: work,
            scenario: order.scenarioFolder,
            folder: place
        )
        let runner = ScenarioRunner(
            scenario,
            lab: racked,
            engine: engine,
            folder: runFolder,
            emit: emit
        )
        let verdict = try await runner.run()
        try FileManager.default.copyItem(
            atPath: "\(folder.path)/consoles",
            toPath: "\(order.folder)/consoles"
        )
        emit(LabEvent("run.verdict", ["outcome": verdict.outcome.rawValue]))
    }

    /// `vlab ssh` finds the engine's key there, whichever run it is from.
    private func link(_ path: String, to target: String) throws {
        // Nil: there is none yet.
        if (try? FileManager.default.destinationOfSymbolicLink(atPath: path)) != nil {
            try FileManager.default.removeItem(atPath: path)
        }
        try FileManager.default.createSymbolicLink(atPath: path, withDestinationPath: target)
    }
}
