import Foundation
import IPMI
import Subprocess
import SystemPackage

/// How fast a BMC answers one client, against OpenIPMI's ipmi_sim, which is in C and has nothing behind it.
struct BMCRate: Measurement {
    let name = "bmc"
    private static let limit = 50.0
    private static let many = 1000
    private static let span = Duration.milliseconds(500)
    private static let simulatorPort = 9623

    func measure(with bench: Bench) async throws -> [Figure] {
        let simulator = try await Self.prepareSimulator(bench)
        let (own, floors, size) = try await bounded(by: .seconds(180), "the BMCs") {
            try await Self.withOwn { port, size in
                guard let simulator else {
                    let rates = try Self.rates(ports: [port], runs: bench.runs)
                    return (rates[0], Rates?.none, size)
                }
                let rates = try await Self.withSimulator(simulator) {
                    try Self.rates(ports: [port, Self.simulatorPort], runs: bench.runs)
                }
                return (rates[0], rates[1], size)
            }
        }
        func figure(_ what: String, _ path: KeyPath<Rates, [Double]>) -> Figure {
            let (value, floor) = (own[keyPath: path].median, floors?[keyPath: path].median)
            return Figure(
                what: what,
                value: value,
                unit: .perSecond,
                floor: floor,
                floorIs: floors == nil ? nil : "ipmi_sim (package openipmi), the same client, in turns",
                target: "≥ 1 ×",
                isMet: floor.map { value >= $0 },
                runs: own[keyPath: path],
                notes: floors == nil ? ["ipmi_sim is not installed (package openipmi): no floor"] : []
            )
        }
        return [
            figure("IPMI commands, one client", \.commands),
            figure("IPMI sessions, one client", \.sessions),
            Figure(
                what: "memory of a BMC",
                value: size / 1024,
                unit: .kibibytes,
                target: "≤ 50 KB",
                isMet: size / 1024 <= Self.limit,
                notes: ["proportional set size, of \(Self.many) in one process"]
            ),
        ]
    }

    private struct Rates: Sendable { var commands: [Double] = [], sessions: [Double] = [] }

    /// Serves BMCs in a process of their own while `body` runs, which gets a port and the bytes that each costs.
    private static func withOwn<Result: Sendable>(
        _ body: @escaping @Sendable (Int, Double) async throws -> Result
    ) async throws -> Result {
        let me = URL(fileURLWithPath: "/proc/self/exe").resolvingSymlinksInPath().path
        return try await Subprocess.run(
            .path(FilePath(me)),
            arguments: ["serve-bmcs", "--count", "\(many)"],
            input: .inputWriter,
            output: .sequence,
            error: .discarded
        ) { execution in
            for try await line in execution.standardOutput.strings() {
                let words = line.split(whereSeparator: \.isWhitespace)
                guard words.count == 2, let port = Int(words[0]), let size = Double(words[1]) else { break }
                let result = try await body(port, size)
                try await execution.standardInputWriter.finish()
                return result
            }
            throw BenchError("the BMCs did not start")
        }.closureResult
    }

    /// What ipmi_sim is started with.
    private struct Simulator: Sendable {
        var program: FilePath
        var arguments: [String]
    }

    /// Nil when it is not installed.
    private static func prepareSimulator(_ bench: Bench) async throws -> Simulator? {
        // Not found is an answer here.
        guard let program = try? await Executable.name("ipmi_sim").resolveExecutablePath(in: .inherit) else {
            return nil
        }
        let folder = "\(bench.state)/ipmi_sim"
        try FileManager.default.createDirectory(atPath: "\(folder)/state", withIntermediateDirectories: true)
        let account = ServeBMCs.account
        try """
        name "bench"
        set_working_mc 0x20
        startlan 1
        addr 127.0.0.1 \(simulatorPort)
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
        let files = ["-c", "\(folder)/lan.conf", "-f", "\(folder)/commands", "-s", "\(folder)/state"]
        return Simulator(program: program, arguments: ["-n"] + files)
    }

    private static func withSimulator<Result: Sendable>(
        _ simulator: Simulator,
        _ body: @escaping @Sendable () throws -> Result
    ) async throws -> Result {
        try await Subprocess.run(
            .path(simulator.program),
            arguments: Arguments(simulator.arguments),
            input: .none,
            output: .discarded,
            error: .discarded
        ) { execution in
            try await awaitAnswer(port: simulatorPort)
            let result = try body()
            try execution.send(signal: .terminate)
            return result
        }.closureResult
    }

    private static func awaitAnswer(port: Int) async throws {
        for _ in 0..<200 {
            do {
                var console = try RemoteConsole(port: port, account: ServeBMCs.account)
                try console.logIn()
                return try console.logOut()
            } catch {
                try await Task.sleep(for: .milliseconds(50))
            }
        }
        throw BenchError("ipmi_sim does not answer")
    }

    /// In turns, so that what else the machine does meets all of them.
    private static func rates(ports: [Int], runs: Int) throws -> [Rates] {
        var rates = ports.map { _ in Rates() }
        for _ in 0..<runs * 2 {
            for (index, port) in ports.enumerated() {
                var console = try RemoteConsole(port: port, account: ServeBMCs.account)
                try console.logIn()
                // Get Chassis Status (IPMI 2.0 §28.2).
                rates[index].commands.append(try rate { try console.command(0x00, 0x01) })
                try console.logOut()
                let sessions = try rate {
                    try console.logIn()
                    try console.logOut()
                }
                rates[index].sessions.append(sessions)
            }
        }
        return rates
    }

    /// How often a second `body` can be done.
    private static func rate(of body: () throws -> Void) rethrows -> Double {
        let (clock, start) = (ContinuousClock(), ContinuousClock.now)
        var count = 0.0
        while clock.now - start < span {
            try body()
            count += 1
        }
        return count / (clock.now - start).seconds
    }
}
