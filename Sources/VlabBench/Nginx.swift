import Foundation
import Subprocess

/// The web server that the gateway is compared with, for one folder of files.
struct Nginx: Sendable {
    let files: String
    let port: Int
    /// Where its own files go.
    let state: String

    /// Writes its configuration; where that is.
    func configure() throws -> String {
        let path = "\(state)/nginx-\(port).conf"
        try configuration.write(toFile: path, atomically: true, encoding: .utf8)
        return path
    }

    /// Runs it on the host for as long as `body` needs it.
    func serving<Result: Sendable>(
        _ body: @escaping @Sendable () async throws -> Result
    ) async throws -> Result {
        let configuration = try configure()
        return try await withThrowingTaskGroup(of: Result?.self) { group in
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
            group.addTask { try await body() }
            defer { group.cancelAll() }
            guard let result = try await group.next() ?? nil else {
                throw BenchError("nginx ended at once; its reason is in \(state)/nginx-\(port).log")
            }
            return result
        }
    }

    private var configuration: String {
        """
        # The files lie in a folder for one user alone; without root this only warns.
        user root;
        pid \(state)/nginx-\(port).pid;
        error_log \(state)/nginx-\(port).log;
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
}
