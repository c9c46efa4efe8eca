import Foundation
import Subprocess

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
        try GatewayRate.makeFiles(files)
        return try await Nginx(files: files, port: Self.port, state: bench.state).serving {
            try await figures(bench)
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
