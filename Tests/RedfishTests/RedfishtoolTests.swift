import LabModel
import TestSupport
import Testing
import VirtualBMC

@testable import Redfish

/// The command line that the standard's makers ship, from the package index.
@Suite(
    "redfishtool",
    .enabled(if: PythonEnvironment.isOnline, "VLAB_OFFLINE is set"),
    .timeLimit(.minutes(5))
)
struct RedfishtoolTests {
    private func run(_ arguments: String, on bmc: RedfishUnderTest) async throws -> JSON {
        let python = try await PythonEnvironment.with("redfishtool==1.1.8")
        let program = """
            import os, subprocess, sys
            tool = os.path.join(os.path.dirname(sys.executable), 'redfishtool')
            command = [tool, '-r', '127.0.0.1:' + sys.argv[1], '-u', 'root', '-p', 'secret', '-S', 'Always']
            sys.exit(subprocess.run(command + sys.argv[2].split()).returncode)
            """
        let output = try await python.run(program, "\(bmc.port)", arguments)
        #expect(output.succeeded, "\(arguments): \(output)")
        return output.text.isEmpty ? .null : try JSON(parsing: output.text.utf8)
    }

    @Test("reads and changes the machine")
    func system() async throws {
        let machine = MemoryChassis(.off)
        try await RedfishUnderTest.with(machine) { bmc in
            #expect(try await run("Systems -1", on: bmc)["UUID"] == .string(RedfishUnderTest.uuid))
            _ = try await run("Systems reset On", on: bmc)
            #expect(machine.actions == [.powerOn])
            _ = try await run("Systems setBootOverride Once Pxe", on: bmc)
            #expect(machine.selections.last??.device == .pxe)
            _ = try await run("Systems setIndicatorLed Lit", on: bmc)
            #expect(machine.isLit)
            #expect(try await run("Chassis -1 Thermal", on: bmc)["Fans"]?.array?.isEmpty == false)
            #expect(try await run("Chassis -1 Power", on: bmc)["PowerControl"]?.array?.count == 1)
            #expect(try await run("Managers -1 NetworkProtocol", on: bmc)["IPMI"]?["Port"] == 623)
            #expect(try await run("AccountService Accounts", on: bmc)["Members"]?.array?.count == 3)
        }
    }
}
