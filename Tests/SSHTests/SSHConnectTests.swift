import Foundation
import SSH
import Testing

@Suite("Opening an SSH session", .timeLimit(.minutes(1)))
struct SSHConnectTests {
    private func failure(_ body: () async throws -> SSHSession) async throws -> SSHError {
        try await #require(throws: SSHError.self) { try await body() }
    }

    @Test("fails as refused where nobody listens")
    func refused() async throws {
        let endpoint = SSHEndpoint(host: "127.0.0.1", port: try Dropbear.freePort())
        let error = try await failure {
            try await SSHSession.connect(to: endpoint, key: .init(privateKey: "", publicKey: ""))
        }
        #expect(error.kind == .refused)
        #expect(
            error.description.hasPrefix("root@127.0.0.1:\(endpoint.port): connect failed: connection refused")
        )
    }

    @Test("fails as timed out where nobody speaks")
    func silent() async throws {
        let listener = try Listener(accepting: true)
        let error = try await failure {
            try await SSHSession.connect(
                to: .init(host: "127.0.0.1", port: listener.port),
                key: .init(privateKey: "", publicKey: ""),
                within: .milliseconds(200)
            )
        }
        #expect(error.kind == .timedOut)
    }

    @Test("fails when the host wants another key, or ours is none")
    func keys() async throws {
        try await Dropbear.with { dropbear in
            let other = try await SSHKey.make(at: dropbear.folder.appending(path: "other").path)
            let unwanted = try await failure {
                try await SSHSession.connect(to: dropbear.endpoint, key: other)
            }
            #expect(unwanted.kind == .authentication)
            #expect(unwanted.code < 0)
            let broken = try await failure {
                let key = SSHKey(privateKey: "not a key", publicKey: "")
                return try await SSHSession.connect(to: dropbear.endpoint, key: key)
            }
            #expect(broken.kind == .invalidKey, "\(broken)")
        }
    }

    @Test("believes a host the first time, and later only with the same key until it is forgotten")
    func hostKeys() async throws {
        try await Dropbear.with { dropbear in
            let file = dropbear.folder.appending(path: "known_hosts").path
            func connect(_ known: KnownHosts) async throws(SSHError) -> SSHSession {
                try await .connect(to: dropbear.endpoint, key: dropbear.key, hostKeys: .acceptNew(known))
            }
            await (try connect(KnownHosts(file: file))).close()
            let line = try String(contentsOfFile: file, encoding: .utf8)
            #expect(line.hasPrefix("[127.0.0.1]:\(dropbear.endpoint.port) ssh-ed25519 AAAA"))
            await (try connect(KnownHosts(file: file))).close()
            let last = try #require(line.dropLast().last)
            try (line.dropLast(2) + (last == "A" ? "B" : "A") + "\n").write(
                toFile: file,
                atomically: true,
                encoding: .utf8
            )
            let known = try KnownHosts(file: file)
            let error = try await failure { try await connect(known) }
            #expect(error.kind == .hostKeyChanged)
            try known.forget(dropbear.endpoint)
            await (try connect(known)).close()
            #expect(try String(contentsOfFile: file, encoding: .utf8) == line)
        }
    }

    @Test("keeps the pair of keys that is there")
    func keyPair() async throws {
        let folder = FileManager.default.temporaryDirectory.appending(path: "vlab-key-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        let path = folder.appending(path: "id").path
        let made = try await SSHKey.make(at: path, comment: "a lab")
        #expect(made.publicKey.hasPrefix("ssh-ed25519 "))
        #expect(made.publicKey.hasSuffix(" a lab"))
        #expect(try await SSHKey.make(at: path) == made)
        try FileManager.default.removeItem(at: folder)
    }
}
