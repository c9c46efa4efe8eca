import Subprocess
import Foundation

/// How exactly the gateway's faults do what they say, and what a thousand stalled downloads cost.
struct FaultPrecision: Measurement {
    let name = "faults"

    private static let lab = "bench-faults"
    private static let url = "http://mirror-a.vlab.test/images/bench/20m"
    private static let fileSize = 20 << 20
    private static let stalled = 1000
    private static let delay = 0.05
    private static let stallPlace = 1_234_567

    /// `vlab`, with the bench's own images.
    private struct Lab: Sendable {
        let bench: Bench
        let cache: String

        @discardableResult
        func vlab(_ arguments: String...) async throws -> String {
            let result = try await bench.attempt(
                arguments,
                within: .seconds(120),
                environment: ["XDG_CACHE_HOME": cache]
            )
            guard result.isGood else {
                throw BenchError("vlab \(arguments.joined(separator: " ")): \(result.output.suffix(2000))")
            }
            return result.output
        }

        /// Something measured while a fault is installed.
        func broken<Result>(
            _ kind: String,
            _ arguments: String,
            _ body: () async throws -> Result
        ) async throws -> Result {
            try await vlab("net", FaultPrecision.lab, "break", kind, arguments, "--id", "bench")
            let result = try await body()
            try await vlab("net", FaultPrecision.lab, "heal", "bench")
            return result
        }

        /// What curl measures, in the words of its `--write-out`, as numbers.
        func curl(_ options: String, _ format: String, then next: String = "") async throws -> [Double] {
            let output = try await vlab(
                "exec",
                FaultPrecision.lab,
                "--",
                "sh",
                "-c",
                "curl -sS -f -o /dev/null \(options) -w '\(format)\\n'\(next)"
            )
            let numbers = output.split { $0.isWhitespace }.compactMap { Double($0) }
            guard !numbers.isEmpty else { throw BenchError("curl said “\(output)”") }
            return numbers
        }
    }

    func measure(with bench: Bench) async throws -> [Figure] {
        let lab = Lab(bench: bench, cache: "\(bench.state)/cache")
        let files = "\(lab.cache)/vlab/images/bench"
        try FileManager.default.createDirectory(atPath: files, withIntermediateDirectories: true)
        try Data(count: Self.fileSize).write(to: URL(fileURLWithPath: "\(files)/20m"))
        try await lab.vlab("up", bench.folder(of: "pod-mini"), "--as", Self.lab)
        bench.learn()
        var figures: [Figure] = []
        for (kind, rate) in [("http.slow", 1 << 20), ("tcp.bandwidth", 10 << 20)] {
            figures.append(try await self.rate(kind, rate, lab))
        }
        figures += [try await delay(lab), try await stall(lab), try await memory(lab)]
        try await lab.vlab("down", Self.lab)
        return figures
    }

    /// Some three seconds of a download.
    private func rate(_ kind: String, _ rate: Int, _ lab: Lab) async throws -> Figure {
        let bytes = min(Self.fileSize, rate * 3)
        let deviations = try await lab.broken(kind, "rate=\(rate)") {
            var deviations: [Double] = []
            for _ in 0..<lab.bench.runs {
                let seen = try await lab.curl(
                    "-r 0-\(bytes - 1) \(Self.url)",
                    "%{size_download} %{time_total}"
                )
                guard seen.count == 2, seen[0] == Double(bytes), seen[1] > 0 else {
                    throw BenchError("curl got \(seen) instead of \(bytes) bytes")
                }
                deviations.append(abs(seen[0] / seen[1] / Double(rate) - 1) * 100)
            }
            return deviations
        }
        return Figure(
            what: "\(kind) at \(rate >> 20) MB a second: off by",
            value: deviations.median,
            unit: .percent,
            target: "≤ 5 %",
            isMet: deviations.median <= 5,
            runs: deviations
        )
    }

    /// Many small answers over one connection, with the delay and without.
    private func delay(_ lab: Lab) async throws -> Figure {
        func first() async throws -> [Double] {
            let urls = [String](repeating: "-r 0-99 -o /dev/null \(Self.url)", count: 21).joined(
                separator: " "
            )
            // The first one has a connection to make.
            return Array(try await lab.curl(urls, "%{time_starttransfer}").dropFirst())
        }
        let floor = try await first().median
        let late = try await lab.broken("tcp.latency", "delay=50ms") { try await first() }
        let errors = late.map { abs($0 - floor - Self.delay) * 1e6 }
        return Figure(
            what: "tcp.latency of 50 ms: off by",
            value: errors.median,
            unit: .microseconds,
            target: "≤ 5 ms",
            isMet: errors.median <= 5000,
            runs: errors.sorted(),
            notes: ["the median of 20 answers, beyond what they take without the fault"]
        )
    }

    private func stall(_ lab: Lab) async throws -> Figure {
        let seen = try await lab.broken("http.stall", "at=\(Self.stallPlace)") {
            // Curl gives up, as it must.
            try await lab.curl("-m 3 \(Self.url)", "%{size_download}", then: " 2>/dev/null; true")
        }
        let error = abs((seen.first ?? 0) - Double(Self.stallPlace))
        return Figure(
            what: "http.stall at byte \(Self.stallPlace): bytes off",
            value: error,
            unit: .count,
            target: "0",
            isMet: error == 0
        )
    }

    /// Of the lab's supervisor, which is process 1 there, in kilobytes.
    private func memory(_ lab: Lab) async throws -> Figure {
        let script = """
            import re, resource, socket
            hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
            resource.setrlimit(resource.RLIMIT_NOFILE, (min(hard, 4096), hard))
            def size(): return int(re.search(r'VmRSS:\\s+(\\d+)', open('/proc/1/status').read())[1])
            before, clients = size(), []
            for _ in range(\(Self.stalled)):
                client = socket.create_connection(('mirror-a.vlab.test', 80), 30)
                client.sendall(b'GET /images/bench/20m HTTP/1.1\\r\\nHost: mirror-a.vlab.test\\r\\n\\r\\n')
                clients.append(client)
            for client in clients:
                data = b''
                while len(data.partition(b'\\r\\n\\r\\n')[2]) < 100: data += client.recv(4096)
            print((size() - before) / \(Self.stalled))
            """
        let output = try await lab.broken("http.stall", "at=100") {
            try await lab.vlab("exec", Self.lab, "--", "python3", "-c", script)
        }
        guard let each = Double(output.trimmingCharacters(in: .whitespacesAndNewlines)) else {
            throw BenchError("a thousand stalled downloads: \(output.suffix(2000))")
        }
        return Figure(
            what: "memory of the gateway for each of \(Self.stalled) stalled downloads",
            value: each,
            unit: .kibibytes,
            target: "–",
            isMet: nil
        )
    }
}
