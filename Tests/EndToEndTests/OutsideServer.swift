import Foundation
import TestSupport
import Testing

/// A web server on the host, outside all labs, that notes what it is asked for.
///
/// Of what is under `/endless/` it never sends more than the first half.
final class OutsideServer {
    /// What it serves.
    let files: String
    /// For `--connect-to`: any name leads here.
    var target: String { "::127.0.0.1:\(port)" }
    private let port: Int
    private let log: String
    private let process: Command

    private static let program = """
        import http.server, os, sys, time
        folder = sys.argv[1]
        class Outside(http.server.SimpleHTTPRequestHandler):
            protocol_version = 'HTTP/1.1'
            def __init__(self, *words): super().__init__(*words, directory=folder + '/files')
            def log_message(self, *words): pass
            def log_request(self, code='-', size='-'):
                with open(folder + '/log', 'a') as log: log.write(f'{self.command} {self.path} {int(code)}\\n')
            def do_GET(self):
                if not self.path.startswith('/endless/'): return super().do_GET()
                self.send_response(200)
                self.send_header('Content-Length', '2000000')
                self.end_headers()
                self.wfile.write(b'x' * 1000000)
                time.sleep(600)
        server = http.server.ThreadingHTTPServer(('127.0.0.1', 0), Outside)
        server.daemon_threads = True
        with open(folder + '/port.new', 'w') as port: port.write(str(server.server_port))
        os.rename(folder + '/port.new', folder + '/port')
        server.serve_forever()
        """

    static func with(_ workspace: Workspace, _ body: (OutsideServer) async throws -> Void) async throws {
        let server = try await OutsideServer(workspace)
        defer { server.end() }
        try await body(server)
    }

    private init(_ workspace: Workspace) async throws {
        let folder = "\(workspace.folder)/outside"
        files = "\(folder)/files"
        log = "\(folder)/log"
        try FileManager.default.createDirectory(atPath: files, withIntermediateDirectories: true)
        let program = try workspace.write(Self.program, to: "outside/server.py")
        process = try Command(
            "/usr/bin/env",
            ["python3", program, folder],
            environment: [:],
            notes: workspace.notes
        )
        let said = process
        port = try await eventually("the port of a web server", within: .seconds(20), seen: { said.said }) {
            // It is there as a whole or not at all.
            (try? String(contentsOfFile: "\(folder)/port", encoding: .utf8)).flatMap { Int($0) }
        }
    }

    /// There is nobody outside any more.
    func end() { if process.isRunning { process.kill() } }

    /// What it was asked, as in `GET /a 200`.
    var asked: [String] {
        // Nobody has asked yet.
        ((try? String(contentsOfFile: log, encoding: .utf8)) ?? "").split(separator: "\n").map(String.init)
    }
}
