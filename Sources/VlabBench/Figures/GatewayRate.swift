import Foundation
import Subprocess

/// How fast the gateway serves what it has, beside nginx serving the same files in the same lab.
struct GatewayRate: Measurement {
    let name = "gateway"

    private static let lab = "bench-gateway"
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
        try FileManager.default.createDirectory(atPath: files, withIntermediateDirectories: true)
        for (name, size) in [("4k", 4 << 10), ("100m", 100 << 20)] {
            // Not zeros, which no file system would have to keep.
            let data = Data((0..<size).map { UInt8(truncatingIfNeeded: $0 &* 31 &+ $0 >> 8) })
            try data.write(to: URL(fileURLWithPath: "\(files)/\(name)"))
        }
        @Sendable func vlab(_ arguments: [String]) async throws -> String {
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
        _ = try await vlab(["up", bench.folder(of: "pod-mini"), "--as", Self.lab])
        bench.learn()
        let configuration = "\(bench.state)/nginx.conf"
        try Self.nginx(files, bench.state).write(toFile: configuration, atomically: true, encoding: .utf8)
        _ = try await vlab(["exec", Self.lab, "--", "nginx", "-c", configuration])
        var figures: [Figure] = []
        for load in Self.loads {
            var (own, floor): ([Double], [Double]) = ([], [])
            for _ in 0..<max(1, bench.runs) {
                for (isOwn, url) in [
                    (false, "http://127.0.0.1:\(Self.port)/\(load.file)"),
                    (true, "http://mirror-a.vlab.test/images/bench/\(load.file)"),
                ] {
                    let output = try await vlab([
                        "exec", Self.lab, "--", "wrk", "-t1", "-c\(load.connections)", "-d\(Self.span)s",
                        "--timeout", "30s", url,
                    ])
                    let rate = try Self.rate(output, inRequests: load.countsRequests)
                    if isOwn { own.append(rate) } else { floor.append(rate) }
                }
            }
            let ratio = own.median / floor.median
            figures.append(
                Figure(
                    what: "files from a mirror, \(load.what)",
                    value: own.median,
                    unit: load.countsRequests ? .perSecond : .mebibytes,
                    floor: floor.median,
                    floorIs: "nginx in the same lab",
                    target: "≥ \(Self.target) ×",
                    isMet: ratio >= Self.target,
                    runs: own,
                    notes: load.countsRequests ? [] : ["a second"]
                )
            )
        }
        _ = try await vlab(["down", Self.lab])
        return figures
    }

    /// nginx's configuration, for one folder of files.
    static func nginx(_ files: String, _ state: String, port: Int = Self.port) -> String {
        """
        # The files lie in a folder for one user alone; without root this only warns.
        user root;
        pid \(state)/nginx.pid;
        error_log \(state)/nginx.log;
        worker_processes auto;
        events { worker_connections 1024; }
        http {
            access_log off;
            sendfile on;
            tcp_nopush on;
            keepalive_requests 1000000000;
            default_type application/octet-stream;
            client_body_temp_path \(state)/nginx-body;
            proxy_temp_path \(state)/nginx-proxy;
            fastcgi_temp_path \(state)/nginx-fastcgi;
            uwsgi_temp_path \(state)/nginx-uwsgi;
            scgi_temp_path \(state)/nginx-scgi;
            server { listen 127.0.0.1:\(port); root \(files); }
        }
        """
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
