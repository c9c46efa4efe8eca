import IPMI
import LabModel
import Testing
import VirtualBMC

@Suite("IPMI v1.5")
struct Version15Tests {
    private func lan(_ arguments: String, on bmc: BMCUnderTest) async throws -> BMCUnderTest.Output {
        try await bmc.run("ipmitool", "-I lan -H 127.0.0.1 -p \(bmc.port) -U root -P secret \(arguments)")
    }

    @Test("is spoken with ipmitool -I lan", arguments: ["", "-A MD5", "-A PASSWORD"])
    func ipmitool(option: String) async throws {
        let machine = MemoryChassis(.on)
        try await withBMC(machine) { bmc in
            let status = try await lan("\(option) power status", on: bmc)
            #expect(status.text == "Chassis Power is on\n", "\(status)")
            #expect(try await lan("\(option) chassis bootdev pxe", on: bmc).succeeded)
            #expect(machine.selections == [BootSelection(.pxe)])
            #expect(try await lan("\(option) power reset", on: bmc).succeeded)
            #expect(machine.actions == [.reset])
            let info = try await lan("\(option) session info active", on: bmc)
            #expect(
                info.text.contains("session handle                : 1"),
                "earlier ones are closed: \(info)"
            )
            // Both versions on one port.
            #expect(try await bmc.ipmitool("power status").succeeded)
        }
    }

    @Test("is refused to ipmitool without authentication and with MD2", arguments: ["NONE", "MD2"])
    func refusedTypes(type: String) async throws {
        try await withBMC(MemoryChassis(.on)) { bmc in
            let status = try await lan("-A \(type) power status", on: bmc)
            #expect(!status.succeeded)
            #expect(status.errors.contains("Authentication type \(type) not supported"), "\(status)")
        }
    }

    @Test("is refused for a wrong name at once, for a wrong password by silence", .timeLimit(.minutes(1)))
    func wrongCredentials() async throws {
        try await withBMC(MemoryChassis(.on)) { bmc in
            let address = "-I lan -H 127.0.0.1 -p \(bmc.port)"
            let name = try await bmc.run("ipmitool", "\(address) -U nobody -P secret power status")
            #expect(!name.succeeded)
            #expect(name.errors.contains("Invalid user name"), "\(name)")
            let password = try await bmc.run("ipmitool", "\(address) -N 1 -R 1 -U root -P wrong power status")
            #expect(!password.succeeded)
            #expect(!password.text.contains("Chassis Power"))
        }
    }

    @Test("is spoken with FreeIPMI's -D LAN", arguments: ["MD5", "STRAIGHT_PASSWORD_KEY"])
    func freeipmi(type: String) async throws {
        let machine = MemoryChassis(.off)
        try await withBMC(machine) { bmc in
            func run(_ program: String, _ arguments: String) async throws -> BMCUnderTest.Output {
                let options = "-D LAN -h 127.0.0.1:\(bmc.port) -u root -p secret -a \(type)"
                return try await bmc.run(program, "\(options) \(arguments)")
            }
            let info = try await run("bmc-info", "")
            #expect(info.succeeded, "\(info)")
            #expect(info.text.lowercased().contains(BMCUnderTest.uuid), "\(info)")
            // ipmipower 1.6.10 understands no BMC's answers under a password, ipmi_sim's neither.
            if type == "MD5" {
                for word in ["on", "stat", "cycle", "off"] {
                    let done = try await run("ipmipower", "--\(word)")
                    #expect(done.succeeded, "\(word): \(done)")
                }
                #expect(machine.actions == [.powerOn, .powerCycle, .powerOff])
            }
            let status = try await run("ipmi-chassis", "--get-chassis-status -l ADMIN")
            #expect(status.succeeded, "\(status)")
        }
    }

    @Test("is told apart by FreeIPMI: a wrong name, a wrong password, a level too high")
    func freeipmiRefusals() async throws {
        let accounts = [
            Account(name: "root", password: "secret"),
            Account(name: "guest", password: "guest", limit: .user),
        ]
        try await withBMC(MemoryChassis(.on), accounts: accounts) { bmc in
            let address = "-D LAN -h 127.0.0.1:\(bmc.port)"
            let impatient = "--session-timeout=2000 --retransmission-timeout=500"
            let name = try await bmc.run("ipmi-chassis", "\(address) -u nobody -p x --get-chassis-status")
            #expect(name.errors.contains("username invalid"), "\(name)")
            let password = try await bmc.run(
                "ipmi-chassis",
                "\(address) \(impatient) -u root -p x --get-chassis-status"
            )
            #expect(!password.succeeded, "\(password)")
            let level = try await bmc.run(
                "ipmi-chassis",
                "\(address) -u guest -p guest -l ADMIN --get-chassis-status"
            )
            #expect(level.errors.contains("privilege level cannot be obtained"), "\(level)")
        }
    }
}
