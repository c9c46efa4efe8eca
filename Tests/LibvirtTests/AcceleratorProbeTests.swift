import Foundation
import Libvirt
import Testing

@Suite("The probe for KVM", .timeLimit(.minutes(1)))
struct AcceleratorProbeTests {
    /// A folder with a kernel that only greets, and a QEMU that has KVM whether the host has it or not.
    private final class Bench {
        let folder = FileManager.default.temporaryDirectory.appending(path: "vlab-probe-\(UUID().uuidString)")
        var probe: AcceleratorProbe

        init() throws {
            try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
            probe = AcceleratorProbe(
                kernel: folder.appending(path: "vmlinuz").path,
                initrd: folder.appending(path: "initrd.img").path,
                marker: "==> here",
                cache: folder.appending(path: "cache/accelerator.json").path
            )
            probe.emulator = folder.appending(path: "qemu").path
            probe.device = "/dev/null"
            try GreetingKernel.image(greeting: "Linux\r\n==> here\r\n").write(to: URL(filePath: probe.kernel))
            try Data("initrd".utf8).write(to: URL(filePath: probe.initrd))
            try installQEMU(version: "7.2")
        }

        deinit {
            do { try FileManager.default.removeItem(at: folder) } catch {
                Issue.record("\(folder.path) is left over: \(error)")
            }
        }

        /// A real QEMU that emulates when it is told to use KVM.
        func installQEMU(version: String) throws {
            let script = """
                #!/bin/sh
                [ "$1" = --version ] && echo "QEMU \(version)" && exit
                [ "$1 $2 $3 $4" = "-accel kvm -cpu host" ] && shift 4 && exec qemu-system-x86_64 -accel tcg "$@"
                exit 9
                """
            try script.write(toFile: probe.emulator, atomically: true, encoding: .utf8)
            try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: probe.emulator)
        }
    }

    @Test("believes in it once a guest has come up, and remembers that for this host")
    func works() async throws {
        let bench = try Bench()
        let choice = try await bench.probe.choose()
        #expect(choice.accelerator == .kvm)
        #expect(choice.reason.hasPrefix("a guest booted with it in "))
        var later = bench.probe
        later.kernel = "/nonexistent"
        #expect(try await later.choose() == choice)
        try bench.installQEMU(version: "9.9")
        #expect(try await later.choose().accelerator == .tcg)
    }

    @Test("does without it when a guest hangs with it")
    func hangs() async throws {
        var (limit, reason) = (Duration.milliseconds(1500), "")
        repeat {
            let bench = try Bench()
            bench.probe.marker = "what it never says"
            bench.probe.limit = limit
            let choice = try await bench.probe.choose()
            #expect(choice.accelerator == .tcg)
            reason = choice.reason
            #expect(reason.hasPrefix("a guest with KVM did not come up within "))
            // On a busy machine what it does say may itself be late.
            limit *= 3
        } while reason.hasSuffix("; it printed nothing") && limit < .seconds(20)
        #expect(reason.hasSuffix("; its last line: ==> here"), "\(reason)")
    }

    @Test("does without it when QEMU refuses")
    func refuses() async throws {
        let bench = try Bench()
        bench.probe.kernel = "/nonexistent/vmlinuz"
        let choice = try await bench.probe.choose()
        #expect(choice.accelerator == .tcg)
        #expect(choice.reason.hasPrefix("QEMU with KVM ended: "))
        #expect(choice.reason.contains("/nonexistent/vmlinuz"))
    }

    @Test("does without it where its device cannot be opened, and asks again the next time")
    func noDevice() async throws {
        let bench = try Bench()
        bench.probe.device = "/nonexistent/kvm"
        let choice = try await bench.probe.choose()
        #expect(choice.accelerator == .tcg)
        #expect(choice.reason == "/nonexistent/kvm: No such file or directory")
        bench.probe.device = "/dev/null"
        #expect(try await bench.probe.choose().accelerator == .kvm)
    }
}

/// The smallest thing that QEMU loads as a Linux kernel: it greets on the serial port and halts.
private enum GreetingKernel {
    static func image(greeting: String) -> Data {
        var bootSector = Data(count: 512)
        bootSector[0x1F1] = 1  // setup_sects
        bootSector.replaceSubrange(0x1FE..., with: [0x55, 0xAA])
        var setup = Data(code + greeting.utf8 + [0])
        setup.append(Data(count: 512 - setup.count))
        return bootSector + setup + Data(count: 512)
    }

    /// The setup sector: header of the boot protocol 2.04 (linux/Documentation/arch/x86/boot.rst), then code.
    private static let code: [UInt8] =
        [
            0xEB, 0x2E,  // 00 jmp 0x30
            0x48, 0x64, 0x72, 0x53,  // 02 "HdrS"
            0x04, 0x02,  // 06 version
        ] + [UInt8](repeating: 0, count: 28) + [
            0xFE, 0xFF,  // 24 heap_end_ptr
            0x00, 0x00,  // 26
            0x00, 0x00, 0x00, 0x00,  // 28 cmd_line_ptr
            0xFF, 0xFF, 0xFF, 0x7F,  // 2C initrd_addr_max
            0x8C, 0xC8,  // 30 mov ax, cs
            0x8E, 0xD8,  // 32 mov ds, ax
            0xFC,  // 34 cld
            0xBE, 0x46, 0x00,  // 35 mov si, greeting
            0xAC,  // 38 lodsb
            0x84, 0xC0,  // 39 test al, al
            0x74, 0x06,  // 3B jz 0x43
            0xBA, 0xF8, 0x03,  // 3D mov dx, 0x3F8
            0xEE,  // 40 out dx, al
            0xEB, 0xF5,  // 41 jmp 0x38
            0xF4,  // 43 hlt
            0xEB, 0xFD,  // 44 jmp 0x43
        ]
}
