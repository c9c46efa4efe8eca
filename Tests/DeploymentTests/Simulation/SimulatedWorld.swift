import Deployment
import Foundation
import LabModel

/// The engine's seams, all leading to one flaky pod.
struct SimulatedWorld: JumpHost, FileSource, PowerControl, BootServices, NodeShell {
    let pod: FlakyPod

    func interface(holding address: IPv4Address) async throws -> String? { "eth0" }
    func missing(_ programs: [String]) -> [String] { [] }
    func nameServers() -> [IPv4Address] { [] }
    func publicKey(at path: String) async throws -> String { "ssh-ed25519 AAAA vdeploy" }

    func fetch(_ url: String, to path: String, resume: Bool, rules: DownloadRules) async throws {
        try Data(try await pod.fetch(url)).write(to: URL(fileURLWithPath: path))
    }

    func perform(
        _ command: PowerCommand,
        on bmc: BMCAccess,
        within limit: Duration
    ) async throws -> PowerAnswer {
        try Task.checkCancellation()
        return await pod.perform(command, on: bmc)
    }

    func whileServing(_ site: BootSite, _ body: @escaping @Sendable () async throws -> Void) async throws {
        await pod.rack(site.plan.pod)
        await pod.name(site.plan.pod.nodes.map(\.name))
        await pod.serve(site.desk)
        do {
            try await body()
        } catch {
            await pod.serve(nil)
            throw error
        }
        await pod.serve(nil)
    }

    func run(
        _ script: NodeScript,
        on address: IPv4Address,
        within limit: Duration
    ) async throws -> ShellOutcome {
        try Task.checkCancellation()
        return try await pod.run(script, on: address)
    }

    func world(_ time: JumpTimekeeper) -> World {
        World(jumpHost: self, files: self, power: self, services: self, shell: self, time: time)
    }
}
