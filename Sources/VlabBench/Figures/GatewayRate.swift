import Foundation
import Subprocess

/// How fast the gateway serves what it has, beside nginx serving the same files in the same lab.
struct GatewayRate: Measurement {
    let name = "gateway"

    private static let lab = "bench-gateway"
    /// Whose answers are recorded, and played again.
    private static let host = "files.example.org"
    private static let outsidePort = 8097
    private static let port = 8099
    /// Of one load, in seconds; each server has `bench.runs` of them, in turn.
    private static let span = 3
    /// What is promised of nginx's throughput.
    private static let target = 0.8

    private struct Load: Sendable {
        var what: String
        var file: String
        var connections: Int
        /// In requests a second; otherwise in bytes.
        var countsRequests: Bool
    }

    private static let loads = [
        Load(what: "4 KB, 1 connection", file: "4k", connections: 1, countsRequests: true),
        Load(what: "4 KB, 64 connections", file: "4k", connections: 64, countsRequests: true),
        Load(what: "100 MB, 1 connection", file: "100m", connections: 1, countsRequests: false),
        Load(what: "100 MB, 64 connections", file: "100m", connections: 64, countsRequests: false),
    ]

    func measure(with bench: Bench) async throws -> [Figure] {
        let lacking = ["nginx", "wrk"].filter { program in
            !["/usr/sbin", "/usr/bin", "/sbin", "/bin"].contains {
                FileManager.default.isExecutableFile(atPath: "\($0)/\(program)")
            }
        }
        guard lacking.isEmpty else {
            throw BenchError(
                "\(lacking.joined(separator: " and ")) not installed: apt-get install nginx-light wrk"
            )
        }
        let cache = "\(bench.state)/cache"
        let files = "\(cache)/vlab/images/bench"
        try Self.makeFiles(files)
        let outside = Nginx(files: files, port: Self.outsidePort, state: bench.state)
        return try await outside.serving { try await figures(bench, cache, files) }
    }

    /// The files of all loads, not of zeros, which no file system would have to keep.
    static func makeFiles(_ folder: String) throws {
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        for (name, size) in [("4k", 4 << 10), ("100m", 100 << 20)] {
            let data = Data((0..<size).map { UInt8(truncatingIfNeeded: $0 &* 31 &+ $0 >> 8) })
            try data.write(to: URL(fileURLWithPath: "\(folder)/\(name)"))
        }
    }

    private func figures(_ bench: Bench, _ cache: String, _ files: String) async throws -> [Figure] {
        @Sendable func vlab(_ arguments: String...) async throws -> String {
            let result = try await bench.attempt(
                arguments,
                within: .seconds(60),
                environment: ["XDG_CACHE_HOME": cache]
            )
            guard result.isGood else {
                throw BenchError("vlab \(arguments.joined(separator: " ")): \(result.output.suffix(2000))")
            }
            return result.output
        }
        let pod = try bench.folder(of: "pod-mini")
        let target = "\(Self.host):80:127.0.0.1:\(Self.outsidePort)"
        _ = try await vlab("up", pod, "--as", Self.lab, "--uplink", "record", "--connect-to", target)
        bench.learn()
        for load in Self.loads where load.connections == 1 {
            let url = "http://\(Self.host)/\(load.file)"
            _ = try await vlab("exec", Self.lab, "--", "curl", "-sSf", "-o", "/dev/null", url)
        }
        _ = try await vlab("net", Self.lab, "uplink", "cache")
        let inside = Nginx(files: files, port: Self.port, state: bench.state)
        _ = try await vlab("exec", Self.lab, "--", "nginx", "-c", try inside.configure())
        let servers = [
            "http://127.0.0.1:\(Self.port)", "http://mirror-a.vlab.test/images/bench", "http://\(Self.host)",
        ]
        var figures: [Figure] = []
        for load in Self.loads {
            var rates: [[Double]] = servers.map { _ in [] }
            for _ in 0..<max(1, bench.runs) {
                for (index, server) in servers.enumerated() {
                    let output = try await vlab(
                        "exec",
                        Self.lab,
                        "--",
                        "wrk",
                        "-t1",
                        "-c\(load.connections)",
                        "-d\(Self.span)s",
                        "--timeout",
                        "30s",
                        "\(server)/\(load.file)"
                    )
                    rates[index].append(try Self.rate(output, inRequests: load.countsRequests))
                }
            }
            let floor = rates[0].median
            for (what, own) in [("files from a mirror", rates[1]), ("recorded responses", rates[2])] {
                figures.append(
                    Figure(
                        what: "\(what), \(load.what)",
                        value: own.median,
                        unit: load.countsRequests ? .perSecond : .mebibytes,
                        floor: floor,
                        floorIs: "nginx in the same lab",
                        target: "≥ \(Self.target) ×",
                        isMet: own.median / floor >= Self.target,
                        runs: own,
                        notes: load.countsRequests ? [] : ["a second"]
                    )
                )
            }
        }
        _ = try await vlab("down", Self.lab)
        return figures
    }

    /// What wrk says at its end: `Requests/sec:  20301.11`, `Transfer/sec:    1.23GB`.
    static func rate(_ output: String, inRequests: Bool) throws -> Double {
        let label = inRequests ? "Requests/sec:" : "Transfer/sec:"
        let errors = output.split(separator: "\n").filter {
            $0.contains("Socket errors") || $0.contains("Non-2xx")
        }
        guard errors.isEmpty else { throw BenchError("wrk: \(errors.joined(separator: "; "))") }
        guard let line = output.split(separator: "\n").first(where: { $0.contains(label) }),
            let text = line.split(separator: " ").last
        else { throw BenchError("wrk said nothing of \(label) \(output)") }
        let digits = text.prefix { $0.isNumber || $0 == "." }
        let units: [Substring: Double] = ["": 1, "KB": 1.0 / 1024, "MB": 1, "GB": 1024]
        guard let number = Double(digits), let unit = units[text.dropFirst(digits.count)] else {
            throw BenchError("wrk said “\(text)”")
        }
        return number * unit
    }
}
