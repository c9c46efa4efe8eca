import Foundation
import LabModel
import Testing

@testable import Gateway

extension RealClients {
    @Suite("apt")
    struct AptTests {
        private static let mirror = "http://mirror-a.vlab.test/images"
        private static let package = "**/vlab-world_1.1_all.deb"

        private static func with(_ body: (ClientLab) async throws -> Void) async throws {
            try await ClientLab.with { lab in
                try await lab.prepare(AptRepository.make(in: lab.served))
                try await body(lab)
            }
        }

        @Test("updates and installs over HTTP, and says which of the many things has gone wrong")
        func http() async throws {
            try await Self.with { lab in
                let (release, index, package) = ("**/InRelease", "**/Packages", Self.package)
                try await lab.expect(
                    [
                        Trouble("dns.nxdomain", says: "Could not resolve 'mirror-a.vlab.test'"),
                        Trouble("dns.servfail", says: "Temporary failure resolving 'mirror-a.vlab.test'"),
                        Trouble("http.status", on: release, says: "503  Service Unavailable"),
                        Trouble("http.wrong-content", on: release, says: "Clearsigned file isn't valid"),
                        Trouble("http.expired-signature", on: release, says: "is not signed"),
                        Trouble("http.stale", on: index, says: "Hash Sum mismatch"),
                        Trouble(
                            "http.stale",
                            ["differs": "size"],
                            on: index,
                            says: "File has unexpected size"
                        ),
                        Trouble("http.missing", on: index, says: "404  Not Found"),
                        Trouble("http.redirect-loop", on: index, says: "Redirection loop encountered"),
                        Trouble("http.wrong-content", on: index, says: "File has unexpected size"),
                        Trouble("http.empty-reply", on: index, says: "Connection failed"),
                        Trouble(
                            "http.truncate",
                            ["at": "50%", "length": "bad"],
                            on: index,
                            says: "File has unexpected size"
                        ),
                        Trouble("http.missing", on: package, says: "404  Not Found"),
                        Trouble("http.proxy-auth", on: package, says: "407  Proxy Authentication Required"),
                        Trouble("http.stall", ["at": "50%"], on: package, says: "Connection timed out"),
                        Trouble("http.truncate", ["at": "50%"], on: package, says: "closed connection"),
                        Trouble(
                            "http.reset",
                            ["at": "50%"],
                            on: package,
                            says: "Undetermined Error",
                            "Connection reset by peer"
                        ),
                        Trouble("http.corrupt", ["bits": "3"], on: package, says: "Hash Sum mismatch"),
                    ],
                    of: AptRepository(Self.mirror, lab).install
                )
            }
        }

        @Test("updates and installs over HTTPS, and says why it does not trust the server")
        func https() async throws {
            try await Self.with { lab in
                let untrusted = "The certificate is NOT trusted."
                try await lab.expect(
                    [
                        Trouble(
                            "tls.expired",
                            says: "\(untrusted) The certificate chain uses expired certificate."
                        ),
                        Trouble("tls.not-yet-valid", says: "uses not yet valid certificate."),
                        Trouble("tls.unknown-ca", says: "\(untrusted) The certificate issuer is unknown."),
                        Trouble("tls.self-signed", says: "\(untrusted) The certificate issuer is unknown."),
                        Trouble(
                            "tls.wrong-name",
                            says: "The name in the certificate does not match the expected."
                        ),
                        Trouble("tls.handshake-failure", says: "A TLS fatal alert has been received."),
                        Trouble("http.status", ["code": "502"], on: "**/InRelease", says: "502  Bad Gateway"),
                    ],
                    of: AptRepository("https://mirror-a.vlab.test/images", lab).install
                )
            }
        }

        @Test("finds a release file too old that nobody has signed, also through a proxy")
        func unsigned() async throws {
            try await Self.with { lab in
                var repository = AptRepository(Self.mirror, lab)
                repository.distribution = "unsigned"
                let expired = Trouble(
                    "http.expired-signature",
                    on: "**/Release",
                    says: "is expired (invalid since"
                )
                try await lab.expect([expired], of: repository.install)
                repository.settings = #"Acquire::http::Proxy "http://198.18.0.80:3128";"#
                try await lab.expect([expired], of: repository.install)
            }
        }
    }
}
