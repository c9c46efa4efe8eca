import Foundation
import IPMI
import Subprocess
import SystemPackage

/// OpenStack's virtualbmc over libvirt's test driver, from the package index that the host's pip knows: a process for
/// each BMC, and one that keeps them.
struct VirtualBMCFromPyPI: BMCServer {
    let name = "virtualbmc"
    let account = Account(name: "root", password: "admin")
    /// For its files.
    let folder: String
    var count = 1
    var firstPort = 9700
    /// What a reset takes in libvirt.
    var delay = 0

    private static let package = "virtualbmc==3.3.0"

    func serve<Result: Sendable>(
        _ body: @escaping @Sendable (RunningBMCs) async throws -> Result
    ) async throws -> Result {
        let programs = try await Self.install()
        let environment = try configure()
        // Its keeper ends the others when it is asked to end, not when it is killed.
        var options = PlatformOptions()
        options.teardownSequence = [.gracefulShutDown(allowedDurationToNextStep: .seconds(8))]
        let start = ContinuousClock.now
        return try await Subprocess.run(
            .path(FilePath("\(programs)/vbmcd")),
            arguments: ["--foreground"],
            environment: environment,
            platformOptions: options,
            input: .none,
            output: .discarded,
            error: .discarded
        ) { execution in
            let ports = (0..<count).map { firstPort + $0 }
            for port in ports {
                try await RunningBMCs.awaitAnswer(port: port, account, within: .seconds(30))
            }
            let running = RunningBMCs(
                account: account,
                ports: ports,
                process: execution.processIdentifier.value,
                startTime: ContinuousClock.now - start
            )
            let result = try await body(running)
            try execution.send(signal: .terminate)
            return result
        }.closureResult
    }

    /// The folder of its programs, in an environment that is made once and kept in the user's cache.
    private static func install() async throws -> String {
        let environment = ProcessInfo.processInfo.environment
        let home = environment["HOME"] ?? FileManager.default.homeDirectoryForCurrentUser.path
        let folder = "\(environment["XDG_CACHE_HOME"] ?? "\(home)/.cache")/vlab/bench/\(package)"
        if FileManager.default.isExecutableFile(atPath: "\(folder)/bin/vbmcd") { return "\(folder)/bin" }
        Terminal.note("Fetching \(package) …")
        for (program, arguments) in [
            ("python3", ["-m", "venv", "--clear", folder]),
            ("\(folder)/bin/python", ["-m", "pip", "install", "--quiet", package, "libvirt-python"]),
        ] {
            let result = try await bounded(by: .seconds(300), "pip install \(package)") {
                try await Subprocess.run(
                    program.hasPrefix("/") ? .path(FilePath(program)) : .name(program),
                    arguments: Arguments(arguments),
                    output: .discarded,
                    error: .string(limit: 1 << 20)
                )
            }
            guard result.terminationStatus.isSuccess else {
                throw NotInstalled("\(package) cannot be had: \(result.standardError.suffix(500))")
            }
        }
        return "\(folder)/bin"
    }

    /// Its BMCs are files: each controls the one domain that libvirt's test driver begins with.
    private func configure() throws -> Environment {
        try? FileManager.default.removeItem(atPath: folder)  // Not there the first time.
        for index in 0..<count {
            let path = "\(folder)/bmc\(index)"
            try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
            try """
            [VirtualBMC]
            username = \(account.name)
            password = \(account.password)
            address = 127.0.0.1
            domain_name = test
            port = \(firstPort + index)
            libvirt_uri = test:///default
            active = True

            """.write(toFile: "\(path)/config", atomically: true, encoding: .utf8)
        }
        try """
        [default]
        config_dir = \(folder)
        pid_file = \(folder)/master.pid
        server_port = 9699

        """.write(toFile: "\(folder)/virtualbmc.conf", atomically: true, encoding: .utf8)
        try """
        import time, libvirt
        class Slow(libvirt.virDomain):
            def reset(self, flags=0):
                time.sleep(\(delay))
                return 0
        if \(delay) > 0: libvirt.virDomain = Slow

        """.write(toFile: "\(folder)/sitecustomize.py", atomically: true, encoding: .utf8)
        return .inherit.updating([
            "VIRTUALBMC_CONFIG": "\(folder)/virtualbmc.conf", "PYTHONPATH": folder, "HOME": folder,
        ])
    }
}
