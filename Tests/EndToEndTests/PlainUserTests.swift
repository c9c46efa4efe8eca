import Foundation
import Glibc
import TestSupport
import Testing

extension EndToEnd {
    @Suite("A plain user", .serialized)
    struct PlainUser {
        private static let id = 4242

        /// Runs the rest of the command line as a user who exists in this mount namespace only, with subordinate ids
        /// and a /dev/net/tun of the mode given; nothing of it is seen outside.
        private static let script = #"""
            set -e
            id=$1 mode=$2 home=$3; shift 3
            mount --make-rprivate /
            mkdir -p "$home/own"
            mount -t tmpfs -o mode=0755 tmpfs "$home/own"
            mknod -m "$mode" "$home/own/tun" c 10 200
            mount --bind "$home/own/tun" /dev/net/tun
            for file in passwd group subuid subgid; do
                [ -e /etc/$file ] && cp /etc/$file "$home/own/$file" || : > "$home/own/$file"
                case $file in
                passwd) echo "plain:x:$id:$id::$home:/bin/sh" ;;
                group) echo "plain:x:$id:" ;;
                sub*) echo "plain:4000000:65536" ;;
                esac >> "$home/own/$file"
                [ -e /etc/$file ] || { echo "/etc/$file is not there; run: apt-get install -y passwd uidmap" >&2; exit 9; }
                mount --bind "$home/own/$file" /etc/$file
            done
            cd /
            exec setpriv --reuid "$id" --regid "$id" --clear-groups env HOME="$home" USER=plain "$@"
            """#

        /// Runs vlab as that user; whoever runs the tests as a plain user is one already.
        private func vlab(
            _ workspace: Workspace,
            tun mode: String = "0666",
            _ arguments: [String],
            within limit: Duration = .seconds(120)
        ) async throws -> Command.Result {
            let vlab = try Project.program("vlab")
            let home = "\(workspace.folder)/u"
            let environment = ["XDG_STATE_HOME": home, "XDG_CACHE_HOME": "\(home)/cache"]
            guard geteuid() == 0 else {
                return try await Command(vlab, arguments, environment: environment, notes: workspace.notes)
                    .end(within: limit)
            }
            if !FileManager.default.fileExists(atPath: home) {
                try FileManager.default.createDirectory(atPath: home, withIntermediateDirectories: true)
                try FileManager.default.setAttributes(
                    [.ownerAccountID: Self.id, .groupOwnerAccountID: Self.id],
                    ofItemAtPath: home
                )
            }
            let command =
                ["-m", "sh", "-c", Self.script, "as-plain-user", "\(Self.id)", mode, home, vlab] + arguments
            return try await Command(
                "/usr/bin/unshare",
                command,
                environment: environment,
                notes: workspace.notes
            )
            .end(within: limit)
        }

        @Test("racks a pod, switches a machine on, and takes it down", .timeLimit(.minutes(5)))
        func life() async throws {
            try await Workspace.with { workspace in
                let pod = "\(Project.folder)/Scenarios/pods/pod-mini"
                let up = try await vlab(workspace, ["up", pod])
                try #require(up.status == 0, "\(up)")
                #expect(up.output.hasPrefix("pod-mini: up: 2 machines, powered off; 2 BMCs answer"), "\(up)")
                let processes = try workspace.processes().filter { $0.ids.count == 2 }
                #expect(!processes.isEmpty)
                if geteuid() == 0 {
                    // In the eyes of the host nothing of the lab is root's.
                    for process in processes {
                        let owner = try FileManager.default.attributesOfItem(atPath: "/proc/\(process.id)")[
                            .ownerAccountID
                        ]
                        #expect(owner as? Int != 0, "\(process.command)")
                    }
                }
                let bmc = ["-I", "lanplus", "-H", "192.168.20.203", "-U", "root", "-P", "admin"]
                func ipmitool(_ words: String...) async throws -> Command.Result {
                    try await vlab(workspace, ["exec", "pod-mini", "--", "ipmitool"] + bmc + words)
                }
                let on = try await ipmitool("power", "on")
                #expect(on.status == 0, "\(on)")
                #expect(try await ipmitool("power", "status").output == "Chassis Power is on\n")
                try await eventually("firmware on the console", within: .seconds(60)) {
                    try await vlab(workspace, ["logs", "pod-mini", "--console", "ctl01"]).output.contains(
                        "SeaBIOS"
                    ) ? true : nil
                }
                let down = try await vlab(workspace, ["down", "pod-mini"])
                #expect(down.status == 0, "\(down)")
                #expect(try workspace.processes().isEmpty)
            }
        }

        @Test("racks a pod whose NICs are one bond, with a gateway on a VLAN of it", .timeLimit(.minutes(5)))
        func bond() async throws {
            try await Workspace.with { workspace in
                let pod = try workspace.write(RackedFiles.oneBond, to: "one/pod.yml")
                let up = try await vlab(workspace, ["up", pod])
                try #require(up.status == 0, "\(up)")
                let addresses = try await vlab(workspace, ["exec", "one", "--", "ip", "-br", "addr"])
                #expect(addresses.output.contains("192.168.20.1/24"), "\(addresses)")
                let on = try await vlab(workspace, ["power", "one", "on", "ctl01"])
                #expect(on.status == 0, "\(on)")
                // The firmware of the NIC answers LACP while it looks for somebody to boot from.
                try await eventually("LACP", within: .seconds(60)) {
                    try await vlab(workspace, ["logs", "one"]).output.contains("lacp.up") ? true : nil
                }
                let down = try await vlab(workspace, ["down", "one"])
                #expect(down.status == 0, "\(down)")
            }
        }

        @Test(
            "who may not open /dev/net/tun is told so, with what mends it, and nothing is made",
            .timeLimit(.minutes(1))
        )
        func noTun() async throws {
            // A plain user cannot take their own permission away, nor give it.
            guard geteuid() == 0 else { return }
            try await Workspace.with { workspace in
                let up = try await vlab(
                    workspace,
                    tun: "0600",
                    ["up", "\(Project.folder)/Scenarios/pods/pod-mini"]
                )
                #expect(up.status == 1, "\(up)")
                #expect(up.errors.contains("/dev/net/tun"), "\(up)")
                #expect(up.errors.contains("chmod 0666 /dev/net/tun"), "\(up)")
                #expect(!FileManager.default.fileExists(atPath: "\(workspace.folder)/u/vlab/labs/pod-mini"))
                #expect(try workspace.processes().isEmpty)
            }
        }
    }
}
