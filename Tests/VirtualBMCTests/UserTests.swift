import IPMI
import LabModel
import Testing
import VirtualBMC

@Suite("Users and the channel")
struct UserTests {
    @Test("are managed with ipmitool")
    func ipmitool() async throws {
        try await withBMC(MemoryChassis(.on)) { bmc in
            for command in [
                "user set name 3 ann", "user set password 3 pw 16", "user priv 3 3 1", "user enable 3",
                "channel setaccess 1 3 ipmi=on link=off callin=on privilege=3",
            ] {
                let done = try await bmc.ipmitool(command)
                #expect(done.succeeded, "\(command): \(done)")
            }
            let list = try await bmc.ipmitool("user list 1")
            let row = list.text.split(separator: "\n").first { $0.hasPrefix("3   ann") }
            #expect(row?.contains("OPERATOR") ?? false, "\(list)")
            #expect(try await bmc.ipmitool("user test 3 16 pw").succeeded)
            #expect(try await !bmc.ipmitool("user test 3 16 no").succeeded)
            let access = try await bmc.ipmitool("channel getaccess 1 3")
            #expect(access.text.contains("Enable Status        : enabled"), "\(access)")
            let status = try await bmc.ipmitool("-L OPERATOR power status", user: "ann", password: "pw")
            #expect(status.text == "Chassis Power is on\n", "\(status)")
            #expect(try await bmc.ipmitool("user disable 3").succeeded)
            let disabled = try await bmc.ipmitool("-L OPERATOR power status", user: "ann", password: "pw")
            #expect(!disabled.succeeded)
        }
    }

    @Test("are read and written with FreeIPMI's ipmi-config", arguments: ["LAN", "LAN_2_0"])
    func ipmiConfig(driver: String) async throws {
        try await withBMC(MemoryChassis(.on)) { bmc in
            let options = "-D \(driver) -h 127.0.0.1:\(bmc.port) -u root -p secret -l ADMIN --category=core"
            let set = try await bmc.run(
                "ipmi-config",
                "\(options) --commit -e User3:Username=ann -e User3:Password=pw -e User3:Enable_User=Yes "
                    + "-e User3:Lan_Privilege_Limit=Operator -e Lan_Channel:Volatile_Channel_Privilege_Limit=Operator"
            )
            #expect(set.succeeded, "\(set)")
            #expect(bmc.server.inspect { $0.account(named: "ann", password: "pw") }?.limit == .operator)
            let read = try await bmc.run(
                "ipmi-config",
                "-D \(driver) -h 127.0.0.1:\(bmc.port) -u ann -p pw -l OPERATOR --category=core --checkout "
                    + "-S User3 -S Lan_Channel"
            )
            for line in [
                ("Username", "ann"), ("Lan_Privilege_Limit", "Operator"), ("Enable_User", "Yes"),
                ("Volatile_Access_Mode", "Always_Available"),
                ("Volatile_Channel_Privilege_Limit", "Operator"),
                ("Non_Volatile_Channel_Privilege_Limit", "Administrator"),
            ] {
                let found = read.text.split(separator: "\n").contains {
                    $0.split(whereSeparator: \.isWhitespace) == [line.0[...], line.1[...]]
                }
                #expect(found, "\(line): \(read)")
            }
        }
    }

    @Test("have a second key, K_G, that consoles need once it is set")
    func channelKey() async throws {
        try await withBMC(MemoryChassis(.on)) { bmc in
            let key = Array("a second key".utf8) + [UInt8](repeating: 0, count: 8)
            let bytes = key.map { "\($0)" }.joined(separator: " ")
            let set = try await bmc.ipmitool("raw 0x06 0x56 0x0e 0x01 0x01 \(bytes)")
            #expect(set.succeeded, "\(set)")
            let hex = "0x" + key.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
            let with = try await bmc.freeipmi("ipmi-chassis", "-k \(hex) --get-chassis-status")
            #expect(with.succeeded, "\(with)")
            let without = try await bmc.freeipmi("ipmi-chassis", "--get-chassis-status")
            #expect(without.errors.contains("k_g invalid"), "\(without)")
            let ipmitool = try await bmc.ipmitool("-y \(hex.dropFirst(2)) power status")
            #expect(ipmitool.text == "Chassis Power is on\n", "\(ipmitool)")
        }
    }

    @Test("tell what machine and people have told the BMC")
    func systemInfo() async throws {
        try await withBMC(MemoryChassis(.on)) { bmc in
            #expect(try await bmc.ipmitool("mc setsysinfo system_name ctl01").succeeded)
            #expect(try await bmc.ipmitool("mc getsysinfo system_name").text == "ctl01\n")
            let info = try await bmc.freeipmi("bmc-info", "--get-system-info")
            #expect(info.text.contains("ctl01"), "\(info)")
        }
    }
}
