import Foundation
import LabModel
import TestSupport
import Testing

extension EndToEnd {
    @Suite("A BMC's machine", .serialized)
    struct Power {
        /// What SeaBIOS and iPXE say on the serial console, and what of it comes first.
        private static let disk = "Booting from Hard Disk"
        private static let network = "Booting from ROM"
        private static let firmware = "SeaBIOS (version"

        /// Waits for the next boot on the console and tells what it tried first.
        private func firstTried(_ lab: RunningLab, from start: Int) async throws -> String {
            let text = try await eventually(
                "a boot of ctl01",
                within: .seconds(90),
                every: .milliseconds(100),
                seen: { String(lab.console("ctl01").dropFirst(start).suffix(600)) }
            ) { () -> String? in
                let text = String(lab.console("ctl01").dropFirst(start))
                return text.contains(Self.disk) || text.contains(Self.network) ? text : nil
            }
            let disk = text.range(of: Self.disk)?.lowerBound ?? text.endIndex
            let network = text.range(of: Self.network)?.lowerBound ?? text.endIndex
            return disk < network ? "disk" : "network"
        }

        @Test("boots once from the network, then from its disk again", .timeLimit(.minutes(5)))
        func once() async throws {
            try await Workspace.with { workspace in
                let lab = try await workspace.up("pod-mini")
                try await lab.bmc("ctl01", "chassis bootdev pxe")
                try await lab.bmc("ctl01", "power on")
                #expect(try await firstTried(lab, from: 0) == "network")
                var mark = lab.console("ctl01").count
                try await lab.bmc("ctl01", "power reset")
                #expect(try await firstTried(lab, from: mark) == "disk")
                // What holds for good holds for each boot, until it is taken back.
                try await lab.bmc("ctl01", "chassis bootdev pxe options=persistent")
                for _ in 1...2 {
                    mark = lab.console("ctl01").count
                    try await lab.bmc("ctl01", "power reset")
                    #expect(try await firstTried(lab, from: mark) == "network")
                }
                try await lab.bmc("ctl01", "chassis bootdev none")
                mark = lab.console("ctl01").count
                try await lab.bmc("ctl01", "power cycle")
                #expect(try await firstTried(lab, from: mark) == "disk")
            }
        }

        @Test("is switched honestly: what cannot be done is refused", .timeLimit(.minutes(5)))
        func honest() async throws {
            try await Workspace.with { workspace in
                let lab = try await workspace.up("pod-mini")
                for command in ["power reset", "power cycle", "power soft"] {
                    let refused = try await lab.ipmitool("ctl01", command)
                    #expect(refused.status != 0, "\(refused)")
                    #expect(refused.errors.contains("not supported in present state"), "\(refused)")
                }
                let byHand = try await workspace.vlab("power", "pod-mini", "reset", "ctl01")
                #expect(byHand.status == 1)
                #expect(byHand.errors.contains("ctl01: cannot power reset: the machine is off"), "\(byHand)")
                try await lab.bmc("ctl01", "power off")
                #expect(try await lab.bmc("ctl01", "power status") == "Chassis Power is off\n")
                try await workspace.done("power", "pod-mini", "on", "ctl01")
                #expect(try await lab.bmc("ctl01", "power status") == "Chassis Power is on\n")
                let qemu = try lab.process("qemu-system", mentioning: "guest=ctl01")
                let boots = try await lab.status().node("ctl01").boots
                try await lab.bmc("ctl01", "power reset")
                try await eventually("a boot after the reset", within: .seconds(30)) {
                    try await lab.status().node("ctl01").boots > boots ? true : nil
                }
                #expect(try lab.process("qemu-system", mentioning: "guest=ctl01").id == qemu.id)
                try await lab.bmc("ctl01", "power cycle")
                try await eventually("a new QEMU after the power cycle", within: .seconds(30)) {
                    try lab.processes().contains {
                        $0.command.contains { $0.contains("guest=ctl01") } && $0.id != qemu.id
                    } ? true : nil
                }
                try await lab.bmc("ctl01", "power off")
                try await lab.waitFor("ctl01", .off)
                #expect(try lab.processes().allSatisfy { !$0.program.hasPrefix("qemu-system") })
                #expect(try await lab.bmc("cmp01", "power status") == "Chassis Power is off\n")
                try await expectStranger(lab)
            }
        }

        /// Whoever does not know the password, or asks a node that is not there, is told so.
        private func expectStranger(_ lab: RunningLab) async throws {
            let stranger = try await lab.exec(
                "ipmitool",
                "-I",
                "lanplus",
                "-N",
                "1",
                "-R",
                "1",
                "-H",
                "192.168.20.203",
                "-U",
                "root",
                "-P",
                "wrong",
                "power",
                "on"
            )
            #expect(stranger.status != 0, "\(stranger)")
            #expect(try await lab.status().node("ctl01").power == .off)
            let node = try await lab.workspace.vlab("power", lab.name, "on", "ctl09")
            #expect(node.status == 1)
            #expect(node.errors.contains("there is no node ctl09; its nodes are ctl01, cmp01"), "\(node)")
        }
    }
}
