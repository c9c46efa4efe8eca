import Foundation
import Subprocess
import Synchronization

/// What each download costs the lab that stands still.
struct StalledConnections: Measurement {
    let name = "stalled"

    private static let lab = "bench-stalled"
    private static let count = 1000
    private static let target = 64.0

    func measure(with bench: Bench) async throws -> [Figure] {
        let cache = "\(bench.state)/cache"
        try GatewayRate.makeFiles("\(cache)/vlab/images/bench")
        @Sendable func vlab(
            _ arguments: [String],
            _ body: @escaping @Sendable (pid_t) async throws -> Void = { _ in }
        ) async throws {
            let result = try await bench.attempt(
                arguments,
                within: .seconds(60),
                environment: ["XDG_CACHE_HOME": cache],
                body
            )
            guard result.isGood else {
                throw BenchError("vlab \(arguments.joined(separator: " ")): \(result.output.suffix(2000))")
            }
        }
        try await vlab(["up", bench.folder(of: "pod-mini"), "--as", Self.lab])
        bench.learn()
        try await vlab(["net", Self.lab, "break", "http.stall", "at=1M", "--id", "stall"])
        let before = try size(bench)
        let during = Mutex(before)
        let url = "http://mirror-a.vlab.test/images/bench/100m"
        let crowd = ["wrk", "-t1", "-c\(Self.count)", "-d8s", "--timeout", "30s", url]
        try await vlab(["exec", Self.lab, "--"] + crowd) { _ in
            try await Task.sleep(for: .seconds(6))
            let now = try size(bench)
            during.withLock { $0 = now }
        }
        let output = try await bench.run("net", Self.lab, "--format", "json").output
        try await vlab(["down", Self.lab])
        guard output.filter({ !$0.isWhitespace }).contains("\"bites\":\(Self.count)") else {
            throw BenchError("not \(Self.count) downloads were halted, but: \(output.prefix(500))")
        }
        let each = (during.withLock { $0 } - before) / Double(Self.count)
        return [
            Figure(
                what: "memory of a stalled download",
                value: each,
                unit: .kibibytes,
                target: "≤ \(Int(Self.target)) KB",
                isMet: each <= Self.target,
                notes: ["of \(Self.count) at once, each halted at its first megabyte"]
            )
        ]
    }

    /// Of the supervisor, in KB.
    private func size(_ bench: Bench) throws -> Double {
        let supervisors = bench.trace.processes.filter { $0.part == .supervisor }
        guard let size = supervisors.compactMap(\.proportionalSize).max() else {
            throw BenchError("there is no supervisor")
        }
        return Double(size) / 1024
    }
}
