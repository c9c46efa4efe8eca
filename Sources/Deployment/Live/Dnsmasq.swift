import Foundation
import Glibc
import LabModel
import Subprocess
import SystemPackage

/// A dnsmasq of the engine's own, which never outlives it.
struct Dnsmasq: Sendable {
    let configuration: DnsmasqConfiguration

    private var path: String { "\(configuration.folder)/dnsmasq.conf" }
    private var pidFile: String { "\(configuration.folder)/dnsmasq.pid" }

    /// Runs dnsmasq while `body` runs; its own end before that is an error.
    func whileRunning(_ body: @escaping @Sendable () async throws -> Void) async throws {
        try await endStale()
        try configuration.text.write(toFile: path, atomically: true, encoding: .utf8)
        let command = ["dnsmasq", "--keep-in-foreground", "--conf-file=\(path)"]
        let result = try await Subprocess.run(
            .name("sh"),
            arguments: Arguments(["-c", KeptProgram.script, "vdeploy-dnsmasq"] + command),
            input: .inputWriter,
            output: .sequence,
            error: .combinedWithOutput
        ) { execution in
            let outcome = await withTaskGroup(of: Result<Void, any Error>.self) { group in
                group.addTask { await Self.end(of: execution.standardOutput) }
                group.addTask {
                    do {
                        return .success(try await body())
                    } catch {
                        return .failure(error)
                    }
                }
                let first = await group.next() ?? .failure(CancellationError())
                group.cancelAll()
                return first
            }
            try await execution.standardInputWriter.finish()
            return outcome
        }
        try result.closureResult.get()
    }

    /// Its output ends when it ends.
    private static func end(of output: SubprocessOutputSequence) async -> Result<Void, any Error> {
        var said = ""
        do {
            for try await line in output.strings() where !line.isEmpty { said = line }
        } catch {
            return .failure(error)
        }
        let hint = "is another DHCP or DNS server running here? ss -lunp"
        return .failure(DeployError("dnsmasq ended: \(said)", hint: hint))
    }

    /// One that an engine left behind all the same, known by its own configuration file.
    private func endStale() async throws {
        guard let text = FileManager.default.contents(atPath: pidFile),
            let process = pid_t(String(decoding: text, as: UTF8.self).filter(\.isNumber)),
            let command = FileManager.default.contents(atPath: "/proc/\(process)/cmdline"),
            String(decoding: command, as: UTF8.self).contains("--conf-file=\(path)")
        else { return }
        kill(process, SIGKILL)
        for _ in 0..<50 where FileManager.default.fileExists(atPath: "/proc/\(process)") {
            try await Task.sleep(for: .milliseconds(100))
        }
    }
}
