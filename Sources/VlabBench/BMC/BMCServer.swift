import Foundation
import IPMI
import Subprocess
import SystemPackage

/// A program that serves BMCs on 127.0.0.1, in processes of its own.
protocol BMCServer: Sendable {
    /// What a table calls it.
    var name: String { get }
    var account: Account { get }

    /// Serves while `body` runs; throws `NotInstalled` when there is no such program here.
    func serve<Result: Sendable>(
        _ body: @escaping @Sendable (RunningBMCs) async throws -> Result
    ) async throws -> Result
}

/// A server that this machine lacks, and how to get it.
struct NotInstalled: Error, CustomStringConvertible {
    let description: String
    init(_ description: String) { self.description = description }
}

/// BMCs that answer.
struct RunningBMCs: Sendable {
    var account: Account
    var ports: [Int]
    /// The process that was started, whose children belong to it.
    var process: pid_t
    /// From the start of the process until each BMC answered.
    var startTime: Duration

    /// The process and its children.
    var processes: [LabProcess] {
        var found: Set<pid_t> = [process]
        // Children are younger than their parents, but their numbers may not be greater.
        for _ in 0..<3 {
            for pid in ProcFile.processes where found.contains(Self.parent(of: pid)) { found.insert(pid) }
        }
        return found.map { LabProcess(pid: $0, command: [], namespaces: []) }
    }

    private static func parent(of pid: pid_t) -> pid_t {
        let line = ProcFile.text("/proc/\(pid)/status").split(separator: "\n").first { $0.hasPrefix("PPid:") }
        return line.flatMap { pid_t($0.dropFirst(5).trimmingCharacters(in: .whitespaces)) } ?? 0
    }

    /// Proportional set sizes of all of them, in KB.
    var size: Double { Double(processes.compactMap(\.proportionalSize).reduce(0, +)) / 1024 }
    /// Seconds of all of them.
    var processorTime: Double { Double(processes.map(\.processorTime).reduce(0, +)) / 1e9 }

    /// Waits until the BMC at that port lets somebody in.
    static func awaitAnswer(port: Int, _ account: Account, within limit: Duration = .seconds(15)) async throws
    {
        let deadline = ContinuousClock.now + limit
        while true {
            do {
                let load = try Load([(port, .session)], account: account, patience: 2)
                _ = try load.run(seconds: 5, count: 1)
                return
            } catch {
                guard ContinuousClock.now < deadline else { throw error }
                try await Task.sleep(for: .milliseconds(50))
            }
        }
    }
}

/// The built vlab: `vlab bmc serve --test-driver`.
struct OwnBMCs: BMCServer {
    let name = "vlab"
    let account = Account(name: "root", password: "admin")
    let vlab: String
    var count = 1
    /// What each of libvirt's operations takes.
    var delay = "0s"

    func serve<Result: Sendable>(
        _ body: @escaping @Sendable (RunningBMCs) async throws -> Result
    ) async throws -> Result {
        let start = ContinuousClock.now
        return try await Subprocess.run(
            .path(FilePath(vlab)),
            arguments: Arguments(
                ["bmc", "serve", "--while-input-is-open", "--test-driver", "\(count)", "--delay", delay]
            ),
            input: .inputWriter,
            output: .sequence,
            error: .discarded
        ) { execution in
            var ports: [Int] = []
            for try await line in execution.standardOutput.strings() {
                guard
                    let port = line.trimmingCharacters(in: .newlines).split(separator: ":").last.flatMap({
                        Int($0)
                    })
                else { break }
                ports.append(port)
                if ports.count == count { break }
            }
            let time = ContinuousClock.now - start
            guard ports.count == count else { throw BenchError("\(ports.count) of \(count) BMCs started") }
            try await RunningBMCs.awaitAnswer(port: ports[count - 1], account)
            let running = RunningBMCs(
                account: account,
                ports: ports,
                process: execution.processIdentifier.value,
                startTime: time
            )
            let result = try await body(running)
            try await execution.standardInputWriter.finish()
            return result
        }.closureResult
    }
}

/// OpenIPMI's simulator, in C, with nothing behind it: one process for each BMC.
struct IPMISimulator: BMCServer {
    let name = "ipmi_sim"
    let account = Account(name: "root", password: "admin")
    /// For its files.
    let folder: String
    var port = 9623

    func serve<Result: Sendable>(
        _ body: @escaping @Sendable (RunningBMCs) async throws -> Result
    ) async throws -> Result {
        let program: FilePath
        do {
            program = try await Executable.name("ipmi_sim").resolveExecutablePath(in: .inherit)
        } catch {
            throw NotInstalled("ipmi_sim is not installed (package openipmi)")
        }
        try write()
        let files = ["-c", "\(folder)/lan.conf", "-f", "\(folder)/commands", "-s", "\(folder)/state"]
        let start = ContinuousClock.now
        return try await Subprocess.run(
            .path(program),
            arguments: Arguments(["-n"] + files),
            input: .none,
            output: .discarded,
            error: .discarded
        ) { execution in
            try await RunningBMCs.awaitAnswer(port: port, account)
            let running = RunningBMCs(
                account: account,
                ports: [port],
                process: execution.processIdentifier.value,
                startTime: ContinuousClock.now - start
            )
            let result = try await body(running)
            try execution.send(signal: .terminate)
            return result
        }.closureResult
    }

    private func write() throws {
        try FileManager.default.createDirectory(atPath: "\(folder)/state", withIntermediateDirectories: true)
        try """
        name "bench"
        set_working_mc 0x20
        startlan 1
        addr 127.0.0.1 \(port)
        priv_limit admin
        allowed_auths_admin none md2 md5 straight
        guid a123456789abcdefa123456789abcdef
        endlan
        user 2 true "\(account.name)" "\(account.password)" admin 10 none md2 md5 straight

        """.write(toFile: "\(folder)/lan.conf", atomically: true, encoding: .utf8)
        try """
        mc_setbmc 0x20
        mc_add 0x20 0 no-device-sdrs 0x23 9 8 0x9f 0x1291 0xf02
        mc_enable 0x20

        """.write(toFile: "\(folder)/commands", atomically: true, encoding: .utf8)
    }
}
