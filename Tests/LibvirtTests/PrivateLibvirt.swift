import Foundation
import Glibc
import Libvirt
import Subprocess
import SystemPackage
import Testing

/// A libvirtd in namespaces of its own, for one test; ends with all its guests when the test ends, however it ends.
final class PrivateLibvirt {
    let folder: URL
    let host: LibvirtHost
    private let commands: StandardInputWriter
    private var answers: SubprocessOutputSequence.StringSequence<UTF8>.AsyncIterator

    /// Starts it, connects, runs the body, and takes everything down again.
    static func with(_ body: (PrivateLibvirt) async throws -> Void) async throws {
        // Short, because a socket's path has at most 107 characters.
        let folder = FileManager.default.temporaryDirectory
            .appending(path: "vlab-\(String(UInt32.random(in: .min ... .max), radix: 36))")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer {
            do { try FileManager.default.removeItem(at: folder) } catch {
                Issue.record("\(folder.path) is left over: \(error)")
            }
        }
        let asRoot = ["-nm"]
        let asUser = ["-U", "--map-auto", "--map-root-user", "--setgroups", "allow", "-nm"]
        _ = try await Subprocess.run(
            .path("/usr/bin/unshare"),
            arguments: Arguments(
                (geteuid() == 0 ? asRoot : asUser)
                    + ["--pid", "--fork", "--kill-child", "--mount-proc", "bash", "-c", Self.script, "bash"]
                    + [folder.path]
            ),
            input: .inputWriter,
            output: .sequence,
            error: .currentStandardError
        ) { process in
            let libvirt = PrivateLibvirt(
                in: folder,
                commands: process.standardInputWriter,
                answers: process.standardOutput.strings().makeAsyncIterator()
            )
            try await libvirt.ask("ready")
            try await libvirt.start()
            try await libvirt.host.connect(within: .seconds(20))
            try await body(libvirt)
            // The end of its input ends the script, which is PID 1 of the namespace, and with it the rest.
            try await process.standardInputWriter.finish()
        }
    }

    private init(
        in folder: URL,
        commands: StandardInputWriter,
        answers: SubprocessOutputSequence.StringSequence<UTF8>.AsyncIterator
    ) {
        (self.folder, self.commands, self.answers) = (folder, commands, answers)
        host = LibvirtHost(socket: folder.appending(path: "libvirt-sock").path)
    }

    func start() async throws { try await ask("start") }

    /// Kills libvirtd itself with SIGKILL, and leaves its guests.
    func kill() async throws { try await ask("kill") }

    /// How many packets a guest has sent through a port of the bridge.
    func packetsReceived(on tap: String) async throws -> Int {
        try #require(Int(try await ask("cat /sys/class/net/\(tap)/statistics/rx_packets")))
    }

    /// Has the script do something, and gives back the line that it answers when it is done.
    @discardableResult
    private func ask(_ command: String) async throws -> String {
        _ = try await commands.write("\(command)\n")
        let answer = try #require(try await answers.next(), "no answer to \(command)")
        return answer.trimmingCharacters(in: .newlines)
    }

    /// Sets up the namespaces, then does what it is told on its input until that ends.
    private static let script = #"""
        set -e
        folder=$1; cd $folder; mkdir etc lib cache log drivers
        mount --make-rprivate /
        mount -t tmpfs tmpfs /run; mkdir -p /run/libvirt /run/lock
        # A folder that the distribution's package did not make cannot be mounted over. Where one lacks, the folder
        # above it becomes a tmpfs with links to what was there.
        for above in /var/lib /var/cache /var/log; do
            [ -d $above/libvirt ] && continue
            mkdir -p /run/host$above; mount --bind $above /run/host$above; mount -t tmpfs tmpfs $above
            for entry in /run/host$above/*; do ln -s $entry $above/; done
            mkdir $above/libvirt
        done
        for part in lib cache log; do mount --bind $part /var/$part/libvirt; done
        mount --bind etc /etc/libvirt
        # Debian's libvirtd wants the user of its package even if it is told to use root.
        for table in passwd group; do
            grep -q ^libvirt-qemu: /etc/$table && continue
            { cat /etc/$table; [ $table = group ] && echo libvirt-qemu:x:64055: ||
                echo libvirt-qemu:x:64055:64055::/:/bin/false; } > $table
            mount --bind $table /etc/$table
        done
        cat > etc/qemu.conf <<END
        user = "root"
        group = "root"
        dynamic_ownership = 0
        remember_owner = 0
        cgroup_controllers = [ ]
        namespaces = [ ]
        security_driver = "none"
        stdio_handler = "file"
        END
        cat > etc/libvirtd.conf <<END
        unix_sock_dir = "$folder"
        unix_sock_rw_perms = "0700"
        auth_unix_rw = "none"
        auth_unix_ro = "none"
        log_outputs = "3:file:$folder/log/libvirtd.log"
        END
        # Only the driver that is needed: quicker, smaller, and nothing that asks for D-Bus or udev.
        ln -s /usr/lib/*/libvirt/connection-driver/libvirt_driver_qemu.so drivers/
        export LIBVIRT_DRIVER_DIR=$folder/drivers PATH=$PATH:/usr/sbin
        ip link set lo up
        ip link add eth0 type bridge
        ip link set eth0 up
        mount -t sysfs sysfs /sys
        while read -r command rest; do
            case $command in
            start) libvirtd >&2 & daemon=$!; echo started ;;
            kill) kill -9 $daemon; wait $daemon || true; echo killed ;;
            ready) echo ready ;;
            cat) cat $rest ;;
            esac
        done
        """#
}

/// Waits until the condition holds, and says what it waited for when it does not in time.
func eventually(
    _ what: String,
    within limit: Duration = .seconds(20),
    sourceLocation: SourceLocation = #_sourceLocation,
    _ condition: () async throws -> Bool
) async throws {
    let deadline = ContinuousClock.now + limit
    while try await !condition() {
        try #require(
            ContinuousClock.now < deadline,
            "\(what): not within \(limit)",
            sourceLocation: sourceLocation
        )
        try await Task.sleep(for: .milliseconds(10))
    }
}

/// Keeps what a stream yields, so that a test can look at it whenever it likes.
actor Recorder<Element: Sendable> {
    private(set) var elements: [Element] = []
    private(set) var ended = false

    init(_ stream: AsyncStream<Element>) {
        Task {
            for await element in stream { await self.append(element) }
            await self.end()
        }
    }

    private func append(_ element: Element) { elements.append(element) }
    private func end() { ended = true }
}

extension Recorder<[UInt8]> {
    var text: String { String(decoding: elements.joined(), as: UTF8.self) }
}
