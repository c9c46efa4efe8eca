import Certificates
import Foundation
import Testing

/// A web server outside the lab, in a program of its own: files, git's smart HTTP, package indices in two forms, and a
/// registry's manifests; by HTTP and, for any name under `example.org`, by HTTPS.
///
/// It notes each request, so that a test can count them, and can be ended in the middle of a test.
struct OriginServer: Sendable {
    /// What this folder has is what the server has.
    let files: String
    /// Whom its HTTPS is vouched for by.
    let authority: String
    let ports: (http: Int, https: Int)
    private let process: String
    private let log: String

    /// Python's, because it reads bodies in whatever coding they come and shows each request.
    private static let program = """
        import http.server, os, ssl, subprocess, sys, threading
        folder = sys.argv[1]
        os.chdir(folder + '/files')
        noting = threading.Lock()

        class Origin(http.server.SimpleHTTPRequestHandler):
            protocol_version = 'HTTP/1.1'
            def log_message(self, *words): pass
            def log_request(self, code='-', size='-'):
                words = ' '.join(self.headers.get(n, '-') for n in ('Content-Encoding', 'Transfer-Encoding', 'Expect'))
                with noting, open(folder + '/log', 'a') as log:
                    log.write(f'{self.command} {self.path} {int(code)} {words}\\n')
            def guess_type(self, path):
                return 'application/vnd.oci.image.manifest.v1+json' if '/manifests/' in path else super().guess_type(path)
            def do_GET(self):
                if '.git/' in self.path: return self.git(b'')
                # The two forms of a package index (PEP 503 and PEP 691).
                if self.path.startswith('/both/') and self.path.endswith('/'):
                    wants = 'application/vnd.pypi.simple.v1+json' in self.headers.get('Accept', '')
                    kind = 'application/vnd.pypi.simple.v1+json' if wants else 'text/html'
                    with open('.' + self.path + ('index.json' if wants else 'index.html'), 'rb') as page:
                        return self.say(page.read(), {'Content-Type': kind, 'Vary': 'Accept'})
                if self.path == '/v2/': return self.say(b'{}', {'Content-Type': 'application/json'})
                super().do_GET()
            def do_POST(self):
                if self.headers.get('Transfer-Encoding') == 'chunked':
                    body = b''
                    while size := int(self.rfile.readline(), 16):
                        body += self.rfile.read(size)
                        self.rfile.readline()
                    self.rfile.readline()
                else:
                    body = self.rfile.read(int(self.headers.get('Content-Length', 0)))
                self.git(body)
            def git(self, body):
                path, _, query = self.path.partition('?')
                asked = {
                    'GIT_PROJECT_ROOT': os.getcwd(), 'GIT_HTTP_EXPORT_ALL': '1', 'REQUEST_METHOD': self.command,
                    'PATH_INFO': path, 'QUERY_STRING': query, 'CONTENT_LENGTH': str(len(body)),
                    'CONTENT_TYPE': self.headers.get('Content-Type', ''),
                    'HTTP_CONTENT_ENCODING': self.headers.get('Content-Encoding', ''),
                    'GIT_PROTOCOL': self.headers.get('Git-Protocol', ''),
                }
                answer = subprocess.run(['git', 'http-backend'], input=body, env=os.environ | asked, stdout=subprocess.PIPE)
                head, _, content = answer.stdout.partition(b'\\r\\n\\r\\n')
                fields = dict(line.split(': ', 1) for line in head.decode().split('\\r\\n'))
                self.say(content, fields, int(fields.pop('Status', '200').split()[0]))
            def say(self, content, fields, code=200):
                self.send_response(code)
                for name, value in (fields | {'Content-Length': str(len(content))}).items():
                    self.send_header(name, value)
                self.end_headers()
                self.wfile.write(content)

        plain = http.server.ThreadingHTTPServer(('127.0.0.1', 0), Origin)
        secure = http.server.ThreadingHTTPServer(('127.0.0.1', 0), Origin)
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(folder + '/server.pem')
        secure.socket = context.wrap_socket(secure.socket, server_side=True, do_handshake_on_connect=False)
        threading.Thread(target=secure.serve_forever, daemon=True).start()
        with open(folder + '/ports.new', 'w') as ports: ports.write(f'{plain.server_port} {secure.server_port}')
        os.rename(folder + '/ports.new', folder + '/ports')
        plain.serve_forever()
        """

    /// Serves for the time of the body.
    static func with(_ body: (OriginServer) async throws -> Void) async throws {
        let folder = try TemporaryFolder()
        let authority = try CertificateAuthority(named: "outside")
        try folder.write("ca.pem", authority.certificate)
        let identity = try authority.issue(for: ["*.example.org"])
        try folder.write("server.pem", identity.certificate + identity.key)
        try folder.write("files/.keep", "")
        try folder.write("log", "")
        try folder.write("program", program)
        let started = try await shell(
            """
            cd '\(folder.path)'
            python3 program '\(folder.path)' >output 2>&1 & echo $!
            i=0; until [ -f ports ] || [ $((i+=1)) -gt 200 ]; do sleep 0.05; done
            cat ports || cat output
            """
        )
        let words = started.text.split(whereSeparator: \.isWhitespace).map(String.init)
        try #require(words.count == 3, "\(started)")
        let server = OriginServer(
            files: folder.path + "/files",
            authority: folder.path + "/ca.pem",
            ports: (try #require(Int(words[1])), try #require(Int(words[2]))),
            process: words[0],
            log: folder.path + "/log"
        )
        do {
            try await body(server)
        } catch {
            try await server.end()
            throw error
        }
        try await server.end()
        withExtendedLifetime(folder) {}
    }

    /// From now on there is nobody outside.
    func end() async throws {
        _ = try await shell(
            "kill \(process) 2>/dev/null; while kill -0 \(process) 2>/dev/null; do sleep 0.02; done"
        )
    }

    /// What it was asked, and how: `POST /r.git/git-upload-pack 200 gzip - -`.
    var asked: [String] {
        get throws {
            try String(contentsOfFile: log, encoding: .utf8).split(separator: "\n").map(String.init)
        }
    }
}
