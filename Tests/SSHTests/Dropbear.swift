import Foundation
import Glibc
import SSH
import Subprocess
import SystemPackage
import Testing

/// A dropbear on a loopback port that lets root in with the key of the test; ends with the test.
///
/// It runs in a mount namespace of its own, where root's home is a folder of the test.
final class Dropbear {
    let folder: URL
    let key: SSHKey
    let endpoint: SSHEndpoint

    static func with(_ body: (Dropbear) async throws -> Void) async throws {
        let dropbear = try await Dropbear()
        defer { dropbear.remove() }
        let asUser = ["-U", "--map-auto", "--map-root-user", "--setgroups", "allow"]
        _ = try await Subprocess.run(
            .path("/usr/bin/unshare"),
            arguments: Arguments(
                (geteuid() == 0 ? [] : asUser)
                    + ["-m", "--kill-child", "--fork", "--pid", "--mount-proc", "bash", "-c", Self.script]
                    + ["bash", dropbear.folder.path, "\(dropbear.endpoint.port)"]
            ),
            input: .inputWriter,
            output: .discarded,
            error: .discarded
        ) { process in
            try await dropbear.untilItListens()
            try await body(dropbear)
            try await process.standardInputWriter.finish()
        }
    }

    private init() async throws {
        folder = FileManager.default.temporaryDirectory.appending(path: "vlab-ssh-\(UUID().uuidString)")
        let home = folder.appending(path: "home/.ssh")
        let owner: [FileAttributeKey: Any] = [.posixPermissions: 0o700]
        try FileManager.default.createDirectory(
            at: home,
            withIntermediateDirectories: true,
            attributes: owner
        )
        key = try await SSHKey.make(at: folder.appending(path: "id").path)
        try "\(key.publicKey)\n".write(
            to: home.appending(path: "authorized_keys"),
            atomically: true,
            encoding: .utf8
        )
        endpoint = SSHEndpoint(host: "127.0.0.1", port: try Self.freePort())
    }

    private static let script = #"""
        set -e
        mount --make-rprivate /
        mount --bind $1/home ~root
        dropbearkey -t ed25519 -f $1/host > /dev/null 2>&1
        dropbear -F -E -s -r $1/host -p 127.0.0.1:$2 -P $1/pid 2> $1/log &
        # The end of the input ends this script, which is PID 1 of the namespace, and with it the rest.
        read || true
        """#

    private func untilItListens() async throws {
        let deadline = ContinuousClock.now + .seconds(20)
        while true {
            do {
                let session = try await SSHSession.connect(to: endpoint, key: key, within: .seconds(5))
                return await session.close()
            } catch {
                try #require(error.kind == .refused && ContinuousClock.now < deadline, "\(error)")
                try await Task.sleep(for: .milliseconds(20))
            }
        }
    }

    private func remove() {
        do { try FileManager.default.removeItem(at: folder) } catch {
            Issue.record("\(folder.path) is left over: \(error)")
        }
    }

    /// A port that nobody listens on.
    static func freePort() throws -> UInt16 {
        let listener = try Listener(accepting: false)
        return listener.port
    }
}

/// A socket on a loopback port that takes connections, if at all, and never says a word.
final class Listener {
    let port: UInt16
    private let descriptor: Int32

    init(accepting: Bool) throws {
        descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let descriptor = descriptor
        let bound = withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(descriptor, $0, length) == 0 && getsockname(descriptor, $0, &length) == 0
            }
        }
        port = UInt16(bigEndian: address.sin_port)
        try #require(bound && (!accepting || listen(descriptor, 1) == 0))
    }

    deinit { close(descriptor) }
}
