import Foundation
import Glibc
import TestSupport
import Testing

@Suite("BMCs that are served without a lab", .timeLimit(.minutes(2)))
struct ServedBMCTests {
    @Test("control machines of their own, and end with the command")
    func served() async throws {
        try await withScratchFolder { folder in
            let vlab = try Project.program("vlab")
            let serve = try Command(
                vlab,
                ["bmc", "serve", "--test-driver", "2"],
                environment: [:],
                notes: folder
            )
            defer { if serve.isRunning { serve.kill() } }
            let ports = try await eventually("two addresses", within: .seconds(30)) {
                let lines = serve.said.split(separator: "\n")
                return lines.count == 2 ? lines.compactMap { $0.split(separator: ":").last } : nil
            }
            func ask(_ index: Int, _ words: String) async throws -> String {
                let ipmitool = try Command(
                    "/usr/bin/ipmitool",
                    [
                        "-I", "lanplus", "-H", "127.0.0.1", "-p", "\(ports[index])", "-U", "root", "-P",
                        "admin",
                    ]
                        + words.split(separator: " ").map(String.init),
                    environment: [:],
                    notes: folder
                )
                return try await ipmitool.end(within: .seconds(30)).output
            }
            #expect(try await ask(0, "power on") == "Chassis Power Control: Up/On\n")
            #expect(try await ask(0, "power status") == "Chassis Power is on\n")
            #expect(try await ask(1, "power status") == "Chassis Power is off\n")
            #expect(try await ask(0, "power soft") == "Chassis Power Control: Soft\n")
            #expect(try await ask(0, "power status") == "Chassis Power is off\n")
            #expect(kill(serve.id, SIGINT) == 0)
            #expect(try await serve.end(within: .seconds(30)).status == 0)
        }
    }

    @Test("are refused with what to do, when there is no port for them")
    func refused() async throws {
        try await withScratchFolder { folder in
            let vlab = try Project.program("vlab")
            for (words, complaint) in [
                (["--test-driver", "0"], "1 to 10000"),
                (["--test-driver", "2", "--port", "65535"], "--port must be 1 to 65534 for 2 BMCs"),
                (["--test-driver", "1", "--delay", "soon"], "write it as in 250ms"),
            ] {
                let serve = try Command(vlab, ["bmc", "serve"] + words, environment: [:], notes: folder)
                let end = try await serve.end(within: .seconds(30))
                #expect(end.status == 64 && end.errors.contains(complaint), "\(end)")
            }
        }
    }
}
