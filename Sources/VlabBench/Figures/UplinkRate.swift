import Foundation
import Subprocess
import SystemPackage

/// How fast the gateway fetches what it has not, from an nginx on the host, beside asking that nginx without a lab.
struct UplinkRate: Measurement {
    let name = "uplink"

    private static let lab = "bench-uplink"
    private static let host = "files.example.org"
    private static let port = 8098
    /// Of one load, in seconds.
    private static let span = 3

    private struct Load: Sendable {
        var what: String
        var file: String
        var connections: Int
        var countsRequests: Bool
    }

    private static let loads = [
        Load(what: "4 KB, 1 connection", file: "4k", connections: 1, countsRequests: true),
        Load(what: "4 KB, 64 connections", file: "4k", connections: 64, countsRequests: true),
        Load(what: "100 MB, 1 connection", file: "100m", connections: 1, countsRequests: false),
    ]

    func measure(with bench: Bench) async throws -> [Figure] {
        let files = "\(bench.state)/outside"
        try FileManager.default.createDirectory(atPath: files, withIntermediateDirectories: true)
        for (name, size) in [("4k", 4 << 10), ("100m", 100 << 20)] {
            try Data(count: size).write(to: URL(fileURLWithPath: "\(files)/\(name)"))
        }
        let configuration = "\(bench.state)/nginx-outside.conf"
        try GatewayRate.nginx(files, bench.state, port: Self.port)
            .write(toFile: configuration, atomically: true, encoding: .utf8)
        // It ends with this task.
        return try await withThrowingTaskGroup(of: [Figure]?.self) { group in
            group.addTask {
                // Its workers end with it only when it is asked to end.
                var options = PlatformOptions()
                options.teardownSequence = [.gracefulShutDown(allowedDurationToNextStep: .seconds(5))]
                _ = try await Subprocess.run(
                    .name("nginx"),
                    arguments: ["-c", configuration, "-g", "daemon off;"],
                    platformOptions: options,
                    output: .discarded,
                    error: .discarded
                )
                return nil
            }
            group.addTask { try await figures(bench) }
            defer { group.cancelAll() }
            guard let figures = try await group.next() ?? nil else {
                throw BenchError("nginx ended at once; its reason is in \(bench.state)/nginx.log")
            }
            return figures
        }
    }

    private func figures(_ bench: Bench) async throws -> [Figure] {
        let target = "\(Self.host):80:127.0.0.1:\(Self.port)"
        try await bench.run(
            "up",
            bench.folder(of: "pod-mini"),
            "--as",
            Self.lab,
            "--uplink",
            "direct",
            "--connect-to",
            target
        )
        bench.learn()
        var figures: [Figure] = []
        for load in Self.loads {
            var (own, floor): ([Double], [Double]) = ([], [])
            for _ in 0..<max(1, bench.runs) {
                let wrk = ["wrk", "-t1", "-c\(load.connections)", "-d\(Self.span)s", "--timeout", "30s"]
                floor.append(try await direct(wrk, load))
                let command = ["exec", Self.lab, "--"] + wrk + ["http://\(Self.host)/\(load.file)"]
                let proxied = try await bench.attempt(command, within: .seconds(60))
                own.append(try GatewayRate.rate(proxied.output, inRequests: load.countsRequests))
            }
            figures.append(
                Figure(
                    what: "fetched from outside, \(load.what)",
                    value: own.median,
                    unit: load.countsRequests ? .perSecond : .mebibytes,
                    floor: floor.median,
                    floorIs: "the same nginx without a lab",
                    target: "–",
                    isMet: nil,
                    runs: own,
                    notes: load.countsRequests ? [] : ["a second"]
                )
            )
        }
        try await bench.run("down", Self.lab)
        return figures
    }

    private func direct(_ wrk: [String], _ load: Load) async throws -> Double {
        let url = "http://127.0.0.1:\(Self.port)/\(load.file)"
        let output = try await bounded(by: .seconds(60), "wrk") {
            try await Subprocess.run(
                .name(wrk[0]),
                arguments: Arguments(Array(wrk.dropFirst()) + [url]),
                output: .string(limit: 1 << 20),
                error: .combinedWithOutput
            ).standardOutput
        }
        return try GatewayRate.rate(output, inRequests: load.countsRequests)
    }
}
