import Foundation
import LabModel
import Subprocess

/// One machine as a plain QEMU process: the devices that vlab's has, with the same backends.
struct QEMUByHand: Sendable {
    let node: Node
    /// Of the disk, the console's log and the socket.
    let folder: String
    let goal: ByHand.Goal
    let images: String
    private let index: Int

    init(node: Node, index: Int, folder: String, goal: ByHand.Goal, images: String) {
        (self.node, self.index, self.folder, self.goal, self.images) = (node, index, folder, goal, images)
    }

    private var socket: String { "\(folder)/\(index).qmp" }
    private var console: String { "\(folder)/\(index).log" }
    private func disk(_ number: Int) -> String { "\(folder)/\(index)-\(number).raw" }

    /// Sparse disks, as big as vlab's.
    func prepare() throws {
        for (number, size) in node.disks.enumerated() {
            guard FileManager.default.createFile(atPath: disk(number), contents: nil) else {
                throw BenchError("cannot make \(disk(number))")
            }
            let file = try FileHandle(forWritingTo: URL(fileURLWithPath: disk(number)))
            try file.truncate(atOffset: UInt64(size.bytes))
            try file.close()
        }
    }

    /// Runs until cancelled.
    func run() async throws {
        let result = try await Subprocess.run(
            .name("qemu-system-x86_64"),
            arguments: Arguments(arguments),
            output: .discarded,
            error: .string(limit: 1 << 16)
        )
        guard Task.isCancelled else { throw BenchError("\(node.name): QEMU ended: \(result.standardError)") }
    }

    private var arguments: [String] {
        var words = [
            "-name", node.name, "-machine", "pc-i440fx-7.2,usb=off,dump-guest-core=off,graphics=off",
            "-accel", "tcg,tb-size=64", "-cpu", "qemu64,cx16=off,svm=off", "-m", "\(node.memory.bytes >> 20)",
            "-smp", "\(node.cpus)", "-uuid", node.uuid, "-smbios", "type=1,serial=\(node.serial)",
            "-display", "none", "-no-user-config", "-nodefaults", "-rtc", "base=utc", "-no-shutdown",
            "-chardev", "socket,id=monitor,path=\(socket),server=on,wait=off",
            "-mon", "chardev=monitor,mode=control", "-boot", "strict=on",
            "-chardev", "file,id=serial,path=\(console)", "-device", "isa-serial,chardev=serial",
            "-device", "VGA,vgamem_mb=4",
            "-object", "rng-random,id=random,filename=/dev/urandom", "-device", "virtio-rng-pci,rng=random",
            "-sandbox", "on,obsolete=deny,elevateprivileges=deny,spawn=deny,resourcecontrol=deny",
        ]
        for number in node.disks.indices {
            words += [
                "-drive",
                "file=\(disk(number)),format=raw,if=none,id=disk\(number),cache=unsafe,discard=unmap",
                "-device", "virtio-blk-pci,drive=disk\(number),bootindex=\(2 + number)",
            ]
        }
        for (position, nic) in node.nics.enumerated() {
            let boot = position == 0 ? ",bootindex=1" : ",romfile="
            words += [
                "-netdev",
                "tap,id=nic\(position),ifname=\(SwitchesByHand.tap(index, position)),script=no,downscript=no",
                "-device", "virtio-net-pci,netdev=nic\(position),mac=\(nic.mac)\(boot)",
            ]
        }
        switch goal {
        case .ready: words.append("-S")
        case .running: break
        case .kernel:
            words += [
                "-kernel", "\(images)/vmlinuz", "-initrd", "\(images)/initrd.img",
                "-append", "console=ttyS0 net.ifnames=0 biosdevname=0",
            ]
        }
        return words
    }

    /// Returns when the goal is reached.
    func reach(within limit: Duration) async throws {
        let deadline = ContinuousClock.now + limit
        switch goal {
        case .ready, .running:
            let monitor = try await Monitor.connect(to: socket, by: deadline)
            _ = try monitor.ask(#"{"execute":"qmp_capabilities"}"#)
            let state = try monitor.ask(#"{"execute":"query-status"}"#)
            guard state.contains(goal == .ready ? #""running": false"# : #""running": true"#) else {
                throw BenchError("\(node.name): QEMU says \(state)")
            }
        case .kernel:
            while !ProcFile.text(console).contains("Run /init as init process") {
                guard ContinuousClock.now < deadline else {
                    throw BenchError(
                        "\(node.name): its kernel did not come up: \(ProcFile.text(console).suffix(400))"
                    )
                }
                try await Task.sleep(for: .milliseconds(50))
            }
        }
    }
}
