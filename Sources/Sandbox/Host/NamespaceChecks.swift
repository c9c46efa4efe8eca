import Foundation
import Glibc
import Subprocess
import SystemPackage

/// Whether a sandbox can be made, and whether the kernel has in it what a lab uses: tried in namespaces that are thrown away.
struct NamespaceChecks {
    var isRoot: Bool
    /// Where the host says who may use which ids, and what the kernel allows: another folder in tests.
    var etc = "/etc"
    var sysctls = "/proc/sys"

    private static let subject = "namespaces"

    /// How one trial ended; nil when it went well, else the program's words.
    private func complaint(_ command: [String]) async -> String? {
        do {
            let result = try await Subprocess.run(
                .name(command[0]),
                arguments: Arguments(Array(command.dropFirst())),
                output: .discarded,
                error: .string(limit: 4096)
            )
            if result.terminationStatus.isSuccess { return nil }
            let words = result.standardError.split(separator: "\n").joined(separator: "; ")
            return words.isEmpty ? "\(command[0]) \(result.terminationStatus)" : words
        } catch {
            return "\(command[0]) did not start: \(error)"
        }
    }

    /// Namespaces first; without them nothing else can be tried.
    func all() async -> [HostCheck] {
        if let reason = isRoot ? nil : forbidden() { return [reason] }
        if let words = await complaint(Namespaces.enterNew(["true"], asRoot: isRoot)) {
            return [
                .lacks(
                    Self.subject,
                    words,
                    remedy: isRoot
                        ? "start vlab with the right to make namespaces (a container needs --privileged)"
                        : "run vlab as root: sudo vlab …"
                )
            ]
        }
        return [.ok(Self.subject, isRoot ? "made as root" : "made as a plain user")]
    }

    /// What a plain user is not allowed, by the file that says so; nil when nothing is.
    func forbidden() -> HostCheck? {
        let user = NSUserName().isEmpty ? "\(getuid())" : NSUserName()
        if HostPart("newuidmap", package: "uidmap", for: "").locate() == nil {
            return .lacks(
                Self.subject,
                "newuidmap is not installed, which a plain user's sandbox needs",
                remedy: RootCommand.install(["uidmap"], isRoot: false)
            )
        }
        for file in ["subuid", "subgid"] where !hasSubordinateIDs(of: user, in: "\(etc)/\(file)") {
            return .lacks(
                Self.subject,
                "\(user) has no subordinate ids in \(etc)/\(file)",
                remedy: "sudo usermod --add-subuids 100000-165535 --add-subgids 100000-165535 \(user)"
            )
        }
        for (key, forbids, allowed) in [
            ("kernel.apparmor_restrict_unprivileged_userns", "1", "0"),
            ("kernel.unprivileged_userns_clone", "0", "1"), ("user.max_user_namespaces", "0", "15000"),
            ("user.max_net_namespaces", "0", "15000"),
        ] where value(of: key) == forbids {
            return .lacks(Self.subject, "\(key) is \(forbids)", remedy: "sudo sysctl -w \(key)=\(allowed)")
        }
        return nil
    }

    private func hasSubordinateIDs(of user: String, in path: String) -> Bool {
        // A file that is not there names nobody.
        let text = (try? String(contentsOfFile: path, encoding: .utf8)) ?? ""
        return text.split(separator: "\n").contains { line in
            let fields = line.split(separator: ":")
            guard fields.count == 3, let count = Int(fields[2]) else { return false }
            return (fields[0] == user || fields[0] == "\(getuid())") && count >= 65536
        }
    }

    private func value(of key: String) -> String? {
        let path = "\(sysctls)/\(key.replacing(".", with: "/"))"
        // A kernel without the setting does not forbid by it.
        return (try? String(contentsOfFile: path, encoding: .utf8))?.trimmingCharacters(
            in: .whitespacesAndNewlines
        )
    }

    /// What the kernel must have, each tried where it leaves nothing behind.
    func kernel() async -> [HostCheck] {
        let rules = """
            table ip vlab_probe { chain nodes { type nat hook prerouting priority dstnat; \
            ip daddr 198.18.0.0/15 tcp dport 80 redirect to :8080 ; } ; }
            """
        // What sorts packets by where they go, turns them back, and counts and logs those that are refused.
        let filter = """
            table inet vlab_probe { chain nodes { type filter hook prerouting priority mangle; \
            fib daddr oifname "outside" tcp dport 80 numgen inc mod 3 == 0 log group 53 counter reject with tcp reset ; } ; }
            """
        func load(_ module: String) -> String { RootCommand.text("modprobe \(module)", isRoot: isRoot) }
        let trials: [(subject: String, command: [String], remedy: String)] = [
            ("bridges", ["ip", "link", "add", "name", "vlab0", "type", "bridge"], load("bridge")),
            ("taps", ["ip", "tuntap", "add", "dev", "vlab1", "mode", "tap"], load("tun")),
            ("nftables redirect", ["nft", rules], load("nft_redir")),
            (
                "nftables reject", ["nft", filter],
                load("-a nft_fib_inet nft_numgen nft_log nfnetlink_log nft_reject_inet")
            ),
            (
                "lists of children", ["cat", "/proc/thread-self/children"],
                "use a kernel with CONFIG_PROC_CHILDREN"
            ),
        ]
        var checks: [HostCheck] = []
        for trial in trials {
            guard let words = await complaint(Namespaces.enterNew(trial.command, asRoot: isRoot)) else {
                checks.append(.ok("kernel: \(trial.subject)", "tried, works"))
                continue
            }
            checks.append(.lacks("kernel: \(trial.subject)", words, remedy: trial.remedy))
        }
        return checks
    }
}

extension HostChecks {
    /// What the kernel must have, tried in namespaces that are thrown away.
    package func kernel() async -> [HostCheck] { await NamespaceChecks(isRoot: isRoot).kernel() }
}
