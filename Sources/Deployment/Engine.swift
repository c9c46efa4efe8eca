import Foundation
import LabModel
import PodSpec

/// Deploys a pod, from where the journal of its work folder says that it is.
///
/// ```swift
/// let engine = try Engine(work: "/tmp/pod1", request: request, world: .real(work: "/tmp/pod1"), log: print)
/// try await engine.run()  // returns when every node was verified, else throws
/// ```
package struct Engine: Sendable {
    private let work: String
    private let request: DeployRequest
    private let policy: Policy
    private let journal: Journal
    private let world: World
    private let log: DeployLog
    private let resumed: Bool

    /// Begins a deployment in a work folder in which there is none yet.
    package init(
        work: String,
        request: DeployRequest,
        world: World,
        log: @escaping @Sendable (LogLine) -> Void
    ) throws {
        guard !request.mirrors.isEmpty else {
            throw DeployError("no mirror", kind: .usage, hint: "add --mirror http://HOST")
        }
        // Everything that can be refused is refused before the folder holds a deployment.
        let text = try PolicyReader.text(of: request.policy)
        policy = try PolicyReader.read(text, file: request.policy).paced(by: request.pace)
        _ = try PodReader.read(request.pod)
        do {
            try FileManager.default.createDirectory(atPath: work, withIntermediateDirectories: true)
        } catch {
            throw DeployError("\(work): cannot make the folder: \(error.localizedDescription)", kind: .usage)
        }
        journal = try Journal(at: Self.journal(in: work)) { world.time.date }
        guard journal.progress.request == nil else {
            throw DeployError(
                "\(work): holds a deployment already",
                kind: .usage,
                hint: "go on with vdeploy resume --work \(work), or choose another --work"
            )
        }
        try text.write(toFile: "\(work)/policy.yml", atomically: true, encoding: .utf8)
        try journal.append(.begun, request: request)
        (self.work, self.request, self.world, resumed) = (work, request, world, false)
        self.log = DeployLog(time: world.time, log)
    }

    /// Goes on with the deployment in a work folder.
    package init(resuming work: String, world: World, log: @escaping @Sendable (LogLine) -> Void) throws {
        let path = Self.journal(in: work)
        guard FileManager.default.fileExists(atPath: path) else {
            throw DeployError("\(work): no deployment here", kind: .usage, hint: "begin with vdeploy deploy")
        }
        journal = try Journal(at: path) { world.time.date }
        guard let request = journal.progress.request else {
            throw DeployError("\(work): its deployment never began", kind: .usage, hint: "begin it anew")
        }
        let file = "\(work)/policy.yml"
        policy = try PolicyReader.read(try PolicyReader.text(of: file), file: file).paced(by: request.pace)
        (self.work, self.request, self.world, resumed) = (work, request, world, true)
        self.log = DeployLog(time: world.time, log)
    }

    package static func journal(in work: String) -> String { "\(work)/journal.jsonl" }

    /// Returns when the pod is deployed and verified; else throws what ended it, after it is journaled.
    package func run() async throws {
        if resumed, journal.progress.outcome == .succeeded {
            return log.say("was deployed already")
        }
        if resumed { try journal.append(.resumed) }
        let pace = request.pace == 1 ? "" : ", every wait of it divided by \(request.pace)"
        log.say("\(resumed ? "resumes" : "begins") with policy \(policy.name)\(pace)")
        do {
            try await deploy()
            try journal.append(.succeeded)
        } catch {
            try journal.append(.failed, detail: error is CancellationError ? "interrupted" : "\(error)")
            throw error
        }
    }

    private func deploy() async throws {
        let plan = try await validated()
        let desk = InstallDesk(plan, policy: policy, journal: journal, log: log, time: world.time)
        let job = Job(plan: plan, policy: policy, journal: journal, log: log, world: world, desk: desk)
        let bundles = RoleBundle.all(for: plan.pod)
        let site = BootSite(plan: plan, desk: desk, folder: work, bundles: bundles, log: log)
        try await world.services.whileServing(site) {
            try await stage(.power) { try await PowerStage(job: job).run() }
            try await stage(.install) { try await InstallStage(job: job, resumed: resumed).run() }
            try await stage(.network) { try await NetworkStage(job: job).run() }
            try await stage(.time) { try await TimeStage(job: job).run() }
            try await stage(.packages) { try await PackagesStage(job: job, bundles: bundles).run() }
            try await stage(.roles) { try await RolesStage(job: job, bundles: bundles).run() }
            try await stage(.verify) { try await VerifyStage(job: job, bundles: bundles).run() }
        }
    }

    private func validated() async throws -> DeployPlan {
        let path = "\(work)/plan.json"
        try await stage(.validate) {
            let stage = ValidateStage(request: request, policy: policy, work: work, world: world, log: log)
            try await stage.run().write(to: path)
        }
        return try DeployPlan.read(from: path)
    }

    private func stage(_ stage: Stage, _ body: () async throws -> Void) async throws {
        guard !journal.progress.isFinished(stage) else { return log.say("done before", stage) }
        try journal.append(.stageStarted, stage: stage)
        let start = world.time.now
        log.say("begins", stage)
        try await body()
        try journal.append(.stageFinished, stage: stage)
        log.say("done in \((world.time.now - start).brief)", stage)
    }
}
