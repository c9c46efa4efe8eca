import Foundation
import LabModel
import Testing

@testable import Gateway

extension RealClients {
    @Suite("Plain downloaders")
    struct DownloaderTests {
        private static let url = "http://mirror-a.vlab.test/images/f"
        private static let secure = "https://mirror-a.vlab.test/images/f"
        private static let file = Data.pattern(400_000)

        private static func with(_ body: (ClientLab) async throws -> Void) async throws {
            try await ClientLab.with { lab in
                try lab.lab.folder.write("f", file)
                try await body(lab)
            }
        }

        @Test("curl goes on where it broke off, and names each fault")
        func curl() async throws {
            try await Self.with { lab in
                let resume = "cp part f; curl -sS -m 20 -C - -o f \(Self.url); cmp f '\(lab.served)/f'"
                try await lab.prepare("curl -sS -r 0-99999 -o part \(Self.url)")
                try await lab.expect(
                    [
                        Trouble("http.truncate", ["at": "50%"], on: "**/f", says: "curl: (18)"),
                        Trouble("http.reset", ["at": "50%"], on: "**/f", says: "curl: (56)"),
                        Trouble("http.range-ignored", on: "**/f", says: "curl: (33)"),
                        Trouble("http.empty-reply", on: "**/f", says: "curl: (52) Empty reply from server"),
                        Trouble("http.corrupt", on: "**/f", says: "differ"),
                    ],
                    of: resume
                )
                let secure = "curl -sS -f -m 20 --tlsv1.2 --cacert '\(lab.authority)' -o f \(Self.secure)"
                try await lab.expect(
                    [
                        Trouble(
                            "http.status",
                            ["code": "429"],
                            on: "**/f",
                            says: "The requested URL returned error: 429"
                        ),
                        Trouble("http.redirect-loop", on: "**/f", says: "Maximum (3) redirects followed"),
                        Trouble("http.reset", ["at": "50%"], on: "**/f", says: "curl: (56)"),
                        Trouble("tls.expired", says: "certificate has expired"),
                        Trouble("tls.version", says: "protocol version"),
                        Trouble("dns.nxdomain", says: "Could not resolve host"),
                    ],
                    of: secure.replacing("-f ", with: "-f -L --max-redirs 3 ")
                )
            }
        }

        @Test("wget and busybox name them too, and start again by themselves")
        func wget() async throws {
            try await Self.with { lab in
                let wget = "wget --tries=1 --timeout=6 --ca-certificate='\(lab.authority)' -O f"
                try await lab.expect(
                    [
                        Trouble("http.stall", ["at": "50%"], on: "**/f", says: "Read error"),
                        Trouble("http.missing", on: "**/f", says: "404"),
                        Trouble("tls.expired", says: "certificate"),
                        Trouble("tls.wrong-name", says: "certificate"),
                    ],
                    of: "\(wget) \(Self.secure) && cmp f '\(lab.served)/f'"
                )
                try await lab.expect(
                    [
                        Trouble("http.status", on: "**/f", says: "503 Service Unavailable"),
                        Trouble(
                            "http.reset",
                            ["at": "50%"],
                            on: "**/f",
                            says: "connection closed prematurely",
                            "reset by peer"
                        ),
                        Trouble("dns.nxdomain", says: "bad address 'mirror-a.vlab.test'"),
                    ],
                    of: "busybox wget -O f \(Self.url) && cmp f '\(lab.served)/f'"
                )
                // A break in the middle, once: wget asks for the rest.
                try lab.lab.gateway.install(
                    Rule(
                        id: "once",
                        "http.reset",
                        ["at": "50%"],
                        match: Match(path: "**/f"),
                        occurrence: .first(1, perClient: false)
                    )
                )
                let retried = try await lab.run(
                    "wget -nv --tries=2 --waitretry=0 -O f \(Self.url) && cmp f '\(lab.served)/f'"
                )
                #expect(retried.status == 0, "\(retried.errors)")
                #expect(lab.lab.events.named("fault.applied").last?.details["fault"] == "once")
                let range = lab.lab.events.named("http.served").last?.details["range"]
                #expect(
                    range?.hasPrefix("bytes=") == true,
                    "what had come by then may have been lost with the reset"
                )
            }
        }
    }
}
