import Foundation
import Images
import Subprocess
import SystemPackage

/// A QEMU machine as in the lab, its serial console in the test's hands.
struct Guest {
    /// The test waited for something that the console did not show before the machine ended.
    struct NeverShown: Error, CustomStringConvertible {
        var text: String
        var console: String
        var description: String { "the console never showed «\(text)»; it showed:\n\(console)" }
    }

    /// The console of a running machine.
    final class Console {
        /// All that it showed.
        private(set) var text = ""
        private var waitedTo: String.Index
        private var output: SubprocessOutputSequence.Iterator
        private let input: StandardInputWriter

        fileprivate init(_ output: SubprocessOutputSequence, _ input: StandardInputWriter) {
            (self.output, self.input) = (output.makeAsyncIterator(), input)
            waitedTo = text.startIndex
        }

        /// Reads on until the console shows a text, after what was waited for before.
        func wait(for wanted: String) async throws {
            while true {
                if let found = text[waitedTo...].firstRange(of: wanted) {
                    waitedTo = found.upperBound
                    return
                }
                let position = text.utf8.distance(from: text.startIndex, to: waitedTo)
                guard let buffer = try await output.next() else {
                    throw NeverShown(text: wanted, console: text)
                }
                text += unsafe buffer.withUnsafeBytes { unsafe String(decoding: $0, as: UTF8.self) }
                waitedTo = text.utf8.index(text.startIndex, offsetBy: position)
            }
        }

        func type(_ keys: String) async throws { _ = try await input.write(keys) }
        /// Presses the power button: Ctrl-A C gets to QEMU's own prompt and back.
        func pressPowerButton() async throws { try await type("\u{1}csystem_powerdown\n\u{1}c") }
        /// Pulls the plug.
        func cutPower() async throws { try await type("\u{1}cquit\n") }

        /// Reads on until the machine ends.
        func waitForEnd() async throws {
            while let buffer = try await output.next() {
                text += unsafe buffer.withUnsafeBytes { unsafe String(decoding: $0, as: UTF8.self) }
            }
        }
    }

    /// A 2 GiB disk, sparse.
    let disk: FilePath

    init(disk: FilePath) throws {
        self.disk = disk
        let file = try FileDescriptor.open(
            disk,
            .writeOnly,
            options: [.create, .truncate],
            permissions: .ownerReadWrite
        )
        try file.closeAfter { try file.resize(to: 2 << 30) }
    }

    /// Boots the installer as a network boot would, or the disk, and ends the machine when `body` does.
    func boot(
        installer: (image: BuiltImage, arguments: String)? = nil,
        _ body: (Console) async throws -> Void
    ) async throws {
        var arguments = [
            // Whatever becomes of the test, the machine ends, also one that is too busy to hear that it shall.
            "--kill-after", "5", "600", "qemu-system-x86_64", "-M", "pc", "-cpu", "qemu64,-svm", "-accel",
            "tcg,tb-size=64", "-m",
            "384",
            "-display", "none", "-serial", "mon:stdio", "-no-reboot",
            "-drive", "file=\(disk),if=none,id=disk,format=raw,cache=unsafe", "-device",
            "virtio-blk-pci,drive=disk",
            "-netdev", "user,id=net,net=10.20.0.0/24,host=10.20.0.1,dhcpstart=10.20.0.50",
            "-device", "virtio-net-pci,netdev=net,mac=52:54:00:00:00:01",
        ]
        if let installer {
            arguments += [
                "-kernel", installer.image.path(of: "vmlinuz").string,
                "-initrd", installer.image.path(of: "initrd.img").string,
                "-append", "console=ttyS0 net.ifnames=0 biosdevname=0 quiet \(installer.arguments)",
            ]
        }
        _ = try await Subprocess.run(
            .name("timeout"),
            arguments: Arguments(arguments),
            input: .inputWriter,
            output: .sequence,
            error: .discarded
        ) { execution in
            let console = Console(execution.standardOutput, execution.standardInputWriter)
            do {
                try await body(console)
                try await console.waitForEnd()
            } catch {
                await execution.teardown(using: [.gracefulShutDown(allowedDurationToNextStep: .seconds(30))])
                throw error
            }
        }
    }
}
