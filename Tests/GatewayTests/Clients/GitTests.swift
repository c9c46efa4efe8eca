import Foundation
import Testing

@testable import Gateway

extension RealClients {
    /// A repository that is served as files, as git's «dumb» HTTP has it.
    @Suite("git")
    struct GitTests {
        private static let repository = """
            git init -q -b main work
            head -c 300000 /dev/urandom >work/data
            git -C work add data
            git -C work -c user.name=t -c user.email=t@example.org commit -q -m first
            git clone -q --bare work '%SERVED%/r.git'
            git -C '%SERVED%/r.git' repack -q -a -d
            git -C '%SERVED%/r.git' update-server-info
            """

        private static func clone(_ scheme: String, _ lab: ClientLab) -> String {
            """
            rm -rf clone
            git -c http.lowSpeedLimit=1 -c http.lowSpeedTime=2 -c http.sslCAInfo='\(lab.authority)' \
                clone -q \(scheme)://mirror-a.vlab.test/images/r.git clone
            cmp work/data clone/data
            """
        }

        @Test("clones over HTTP, and says what it got instead of a repository")
        func http() async throws {
            try await ClientLab.with { lab in
                try await lab.prepare(Self.repository.replacing("%SERVED%", with: lab.served))
                let (refs, pack) = ("**/info/refs", "**/*.pack")
                try await lab.expect(
                    [
                        Trouble("dns.nxdomain", says: "Could not resolve host: mirror-a.vlab.test"),
                        Trouble("http.status", on: refs, says: "The requested URL returned error: 503"),
                        Trouble("http.missing", on: refs, says: "not found"),
                        Trouble("http.wrong-content", on: refs, says: "not valid: is this a git repository?"),
                        Trouble("http.empty-reply", on: refs, says: "Empty reply from server"),
                        Trouble("http.stall", ["at": "50%"], on: pack, says: "too slow"),
                        Trouble("http.truncate", ["at": "50%"], on: pack, says: "bytes remaining to read"),
                        Trouble("http.reset", ["at": "50%"], on: pack, says: "reset by peer"),
                        Trouble("http.corrupt", on: pack, says: "fatal:"),
                    ],
                    of: Self.clone("http", lab)
                )
            }
        }

        @Test("clones over HTTPS, and refuses a server that it does not trust")
        func https() async throws {
            try await ClientLab.with { lab in
                try await lab.prepare(Self.repository.replacing("%SERVED%", with: lab.served))
                let refused = "server certificate verification failed. CAfile: \(lab.authority)"
                try await lab.expect(
                    [
                        Trouble("tls.expired", says: refused), Trouble("tls.unknown-ca", says: refused),
                        Trouble("tls.not-yet-valid", says: refused),
                        Trouble("tls.wrong-name", says: "certificate subject name"),
                        Trouble("tls.handshake-failure", says: "handshake"),
                    ],
                    of: Self.clone("https", lab)
                )
            }
        }
    }
}
