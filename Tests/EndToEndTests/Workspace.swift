import Foundation
import Synchronization
import TestSupport
import Testing

/// A user of vlab with a state folder of their own, for one test; what they leave behind is a failure of the test.
final class Workspace: Sendable {
    /// Short: a Unix socket's path has 107 bytes, and libvirt's lies deep in a lab's folder.
    let folder: String
    private let environment: [String: String]

    /// Runs the body, ends every lab that it made, and looks for what is left of them.
    ///
    /// With downloads of its own it has no images of others' either, but the same packages to build them from.
    static func with(ownDownloads: Bool = false, _ body: (Workspace) async throws -> Void) async throws {
        try await Host.ready()
        let workspace = try Workspace(ownDownloads: ownDownloads)
        let interfaces = try Host.interfaces()
        do {
            try await body(workspace)
        } catch {
            Issue.record(error)
        }
        try await workspace.end()
        #expect(try Host.interfaces() == interfaces, "the host has the network interfaces that it had")
    }

    private init(ownDownloads: Bool) throws {
        folder = "/tmp/v-\(String(UInt32.random(in: .min ... .max), radix: 36))"
        var environment = ["XDG_STATE_HOME": folder]
        try FileManager.default.createDirectory(atPath: "\(folder)/notes", withIntermediateDirectories: true)
        if ownDownloads {
            let inherited = ProcessInfo.processInfo.environment
            let caches = inherited["XDG_CACHE_HOME"] ?? "\(inherited["HOME"] ?? "/")/.cache"
            environment["XDG_CACHE_HOME"] = "\(folder)/cache"
            try FileManager.default.createDirectory(
                atPath: "\(folder)/cache/vlab",
                withIntermediateDirectories: true
            )
            for name in ["apt", "libvirt", "accelerator.json"] {
                try FileManager.default.createSymbolicLink(
                    atPath: "\(folder)/cache/vlab/\(name)",
                    withDestinationPath: "\(caches)/vlab/\(name)"
                )
            }
        }
        self.environment = environment
    }

    private func end() async throws {
        // Without a folder of labs there are none.
        for name in (try? FileManager.default.contentsOfDirectory(atPath: "\(folder)/vlab/labs")) ?? [] {
            let down = try await vlab("down", name)
            #expect(down.status == 0, "\(down)")
        }
        for process in try processes() {
            Issue.record("left over: process \(process.id) \(process.command.joined(separator: " "))")
            try process.kill()
        }
        let mounts = try String(contentsOfFile: "/proc/self/mounts", encoding: .utf8)
        #expect(!mounts.contains(folder), "a mount is left over")
        if ProcessInfo.processInfo.environment["VLAB_KEEP"] == nil {
            try FileManager.default.removeItem(atPath: folder)
        }
    }

    /// Every process that has to do with this user's labs.
    func processes() throws -> [HostProcess] {
        try HostProcess.all().filter { process in
            process.command.contains { $0.contains(folder) }
                || process.environment.contains { $0.hasPrefix("XDG_STATE_HOME=\(folder)") }
        }
    }

    // MARK: - vlab as a user has it

    /// Where what programs say is kept.
    var notes: String { "\(folder)/notes" }

    /// Runs vlab to its end.
    func vlab(_ arguments: String..., within limit: Duration = .seconds(120)) async throws -> Command.Result {
        try await start(arguments).end(within: limit)
    }

    /// Starts vlab and leaves it running; where it is called decides whose recipes it knows.
    func start(_ arguments: [String], in working: String = Project.folder) throws -> Command {
        try Command(Project.program("vlab"), arguments, environment: environment, in: working, notes: notes)
    }

    /// Runs vlab and expects success.
    @discardableResult
    func done(
        _ arguments: String...,
        within limit: Duration = .seconds(120),
        at location: SourceLocation = #_sourceLocation
    ) async throws -> String {
        let result = try await start(arguments).end(within: limit)
        try #require(result.status == 0, "\(result)", sourceLocation: location)
        return result.output
    }

    /// Racks a pod and gives the lab.
    func up(
        _ pod: String,
        as name: String? = nil,
        uplink: String? = nil,
        _ more: String...
    ) async throws -> RunningLab {
        let arguments =
            ["up", pod] + (name.map { ["--as", $0] } ?? []) + (uplink.map { ["--uplink", $0] } ?? []) + more
        let result = try await start(arguments).end(within: .seconds(120))
        try #require(result.status == 0, "\(result)")
        return try RunningLab(name: name ?? URL(fileURLWithPath: pod).lastPathComponent, in: self)
    }

    /// Writes a file of the user's and gives its path.
    func write(_ text: String, to name: String) throws -> String {
        let path = "\(folder)/\(name)"
        try FileManager.default.createDirectory(
            atPath: URL(fileURLWithPath: path).deletingLastPathComponent().path,
            withIntermediateDirectories: true
        )
        try text.write(toFile: path, atomically: true, encoding: .utf8)
        return path
    }

    /// Where the newest run in a lab left what it found.
    func newestRun(in lab: String = "pod-mini") throws -> RunFiles {
        let runs = "\(folder)/vlab/runs/\(lab)"
        let newest = try FileManager.default.contentsOfDirectory(atPath: runs).max()
        return RunFiles(folder: "\(runs)/\(try #require(newest))")
    }
}
