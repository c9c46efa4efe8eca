import Crypto
import Foundation
import Glibc
import Lab
import LabModel
import PodSpec
import Sandbox
import Subprocess
import SystemPackage

/// Makes labs and ends them, from outside their sandboxes.
struct LabLauncher {
    let folder: LabFolder
    let state: StateFolders
    /// What the user asked for; the rest is as the lab has it, or its pod's files want it.
    var outside = OutsideSettings()
    /// A line for a person who waits.
    let progress: @Sendable (String) -> Void

    /// Whether the lab was made, or was there already.
    enum Outcome { case racked, alreadyUp }

    /// Racks a pod; returns when its BMCs answer.
    ///
    /// The lab outlives this process.
    func up(_ files: PodFiles, _ pod: Pod) async throws -> Outcome {
        let record = try record(of: files, pod)
        if try await isUp(with: record) { return .alreadyUp }
        try await HostReadiness(state).require(for: pod, lab: folder.name)
        let log = try prepare(record)
        // setsid(1) lets go of the terminal: the lab is nobody's child, and a ^C here does not reach it.
        try await BackgroundProgram(state: state, log: log).start(
            ["setsid", "--fork"] + Namespaces.enterNew([Self.program, "supervise", folder.name]),
            input: .none,
            progress: progress
        ) {}
        do {
            try await LabUplink(folder: folder, state: state).restore()
        } catch {
            await uncancelled { _ = try? await down() }  // What is told is why there is no way out.
            throw error
        }
        return .racked
    }

    /// Racks a pod for as long as `body` runs; when this process ends, however it ends, the lab ends with it.
    func withLab<Result: Sendable>(
        _ files: PodFiles,
        _ pod: Pod,
        _ body: @escaping @Sendable () async throws -> Result
    ) async throws -> Result {
        var record = try record(of: files, pod)
        if try await isUp(with: record) { return try await body() }
        try await HostReadiness(state).require(for: pod, lab: folder.name)
        record.isForOneRun = true
        let log = try prepare(record)
        do {
            let uplink = LabUplink(folder: folder, state: state)
            let result = try await BackgroundProgram(state: state, log: log).start(
                Namespaces.enterNew([Self.program, "supervise", "--while-input-is-open", folder.name]),
                input: .inputWriter,
                progress: progress
            ) {
                try await uplink.restore()
                return try await body()
            }
            _ = try await down()
            return result
        } catch {
            // The error that ended the run is the one to tell, whether or not the lab could be removed.
            await uncancelled { _ = try? await down() }
            throw error
        }
    }

    private func isUp(with record: LabRecord) async throws -> Bool {
        guard folder.exists else { return false }
        let existing = try LabRecord(contentsOf: folder)
        guard existing.digest == record.digest else {
            throw LabError(
                folder.name,
                "the name is taken by another pod's files: \(existing.files.joined(separator: ", "))",
                hint: "give this one another name with --as, or run: vlab down \(folder.name)"
            )
        }
        guard try SupervisorProcess.find(listeningAt: folder.controlSocket) != nil else {
            guard try !SupervisorLog.isHeld(folder.supervisorLog) else {
                throw LabError(
                    folder.name,
                    "another process is just making or ending this lab",
                    hint: "try again when it is done"
                )
            }
            if existing.isForOneRun == true {
                _ = try await down()
                return false
            }
            throw LabError(
                folder.name,
                "the lab is dead: its supervisor does not run (\(SupervisorLog.lastWords(folder.supervisorLog)))",
                hint: "run: vlab down \(folder.name), then up again"
            )
        }
        for (option, isNew) in [
            ("--https", outside.https != nil && existing.https != record.https),
            ("--cache-size", outside.cacheSize != nil && existing.cacheSize != record.cacheSize),
        ] where isNew {
            throw LabError(
                folder.name,
                "it is up already, and \(option) counts from its start",
                hint: "run: vlab down \(folder.name), then up again"
            )
        }
        let dead = try await ControlClient(folder: folder).status().parts.filter {
            !$0.isAlive && $0.name != LabUplink.part
        }
        guard dead.isEmpty else {
            throw LabError(
                folder.name,
                "half of the lab is dead: "
                    + dead.map { "\($0.name) (\($0.detail))" }.joined(separator: ", "),
                hint: "run: vlab down \(folder.name), then up again"
            )
        }
        let way = LabUplink(folder: folder, state: state)
        if let uplink = outside.uplink { try await way.set(uplink) } else { try await way.restore() }
        return true
    }

    private func record(of files: PodFiles, _ pod: Pod) throws -> LabRecord {
        let paths = [files.network, files.dha, files.lab].compactMap(\.self).map {
            URL(fileURLWithPath: $0).standardizedFileURL.path
        }
        var hash = SHA256()
        for path in paths { hash.update(data: try Data(contentsOf: URL(fileURLWithPath: path))) }
        let digest = hash.finalize().map(\.hex).joined()
        var record = LabRecord(pod: pod, files: paths, digest: digest, created: Date())
        record.uplink = outside.uplink ?? pod.lab?.uplink.map { UplinkSettings(mode: $0) }
        record.https = outside.https ?? pod.lab?.https
        record.cacheSize = outside.cacheSize
        return record
    }

    /// The lab's folder with its record and the machines' empty disks; the log is taken first, so that of two who make
    /// the same lab at once one is refused before it touches anything.
    private func prepare(_ record: LabRecord) throws -> SupervisorLog.Locked {
        for path in ["", "/disks", "/consoles"] {
            try FileManager.default.createDirectory(
                atPath: folder.path + path,
                withIntermediateDirectories: true,
                attributes: [.posixPermissions: 0o700]
            )
        }
        let log = try SupervisorLog(folder.supervisorLog).lock()
        try FileManager.default.createDirectory(atPath: state.libvirtCache, withIntermediateDirectories: true)
        for node in record.pod.nodes {
            for (index, size) in node.disks.enumerated() {
                try Self.makeDisk(folder.disk(index, of: node.name), size: size)
            }
        }
        try JSONEncoder().encode(record).write(to: URL(fileURLWithPath: folder.record), options: .atomic)
        return log
    }

    /// A sparse file: it takes space only as the node writes.
    private static func makeDisk(_ path: String, size: Memory) throws {
        let disk = unsafe try FileDescriptor.open(
            path,
            .writeOnly,
            options: [.create, .truncate],
            permissions: [.ownerReadWrite]
        )
        try disk.closeAfter { try disk.resize(to: Int64(size.bytes)) }
    }

    /// Ends the lab, whatever state it is in, and removes its folder.
    ///
    /// False when there was none.
    func down() async throws -> Bool {
        if let pid = try SupervisorProcess.find(listeningAt: folder.controlSocket) {
            // Asked first, so that the last events are written; whether or not it answers, it is ended.
            try? await ControlClient(folder: folder).stop()
            try await SupervisorProcess.kill(pid)
            try await SupervisorLog.waitUntilReleased(folder.supervisorLog)
            // It ends with the lab by itself; the command returns when it has.
            try await LabUplink(folder: folder, state: state).end()
        } else if !FileManager.default.fileExists(atPath: folder.path) {
            return false
        }
        try FileManager.default.removeItem(atPath: folder.path)
        return true
    }

    /// This program, by a path that holds in the sandbox too.
    static var program: String {
        URL(fileURLWithPath: "/proc/self/exe").resolvingSymlinksInPath().path
    }
}

extension LabRecord {
    init(contentsOf folder: LabFolder) throws {
        self = try JSONDecoder().decode(
            LabRecord.self,
            from: Data(contentsOf: URL(fileURLWithPath: folder.record))
        )
    }
}
