import LabModel
import Testing
import TestSupport
import VirtualBMC

@Suite("The BMC's own place in the network")
struct LANConfigurationTests {
    @Test("is shown by ipmitool and FreeIPMI")
    func print() async throws {
        try await withBMC(MemoryChassis(.on)) { bmc in
            let lan = try await bmc.ipmitool("lan print 1")
            #expect(lan.succeeded, "\(lan)")
            for line in [
                "Set in Progress         : Set Complete", "IP Address Source       : Static Address",
                "IP Address              : 127.0.0.1", "Subnet Mask             : 255.255.255.0",
                "MAC Address             : 02:62:6d:", "SNMP Community String   : public",
                "Default Gateway IP      : 0.0.0.0", "802.1q VLAN ID          : Disabled",
                "RMCP+ Cipher Suites     : 1,2,3,15,16,17",
            ] {
                #expect(lan.text.contains(line), "\(line) in \(lan)")
            }
            let checkout = try await bmc.freeipmi("ipmi-config", "--category=core --checkout -S Lan_Conf")
            #expect(checkout.succeeded, "\(checkout)")
            #expect(checkout.text.contains("127.0.0.1"), "\(checkout)")
            #expect(checkout.text.contains("Static"), "\(checkout)")
            let statistics = try await bmc.ipmitool("lan stats get 1")
            #expect(statistics.succeeded && statistics.text.contains("UDP Rx Packet"), "\(statistics)")
        }
    }

    @Test("is changed by ipmitool and FreeIPMI where it can be")
    func set() async throws {
        try await withBMC(MemoryChassis(.on)) { bmc in
            for (words, line) in [
                ("netmask 255.255.0.0", "Subnet Mask             : 255.255.0.0"),
                ("defgw ipaddr 127.0.0.254", "Default Gateway IP      : 127.0.0.254"),
                ("bakgw ipaddr 127.0.0.253", "Backup Gateway IP       : 127.0.0.253"),
                ("snmp lab", "SNMP Community String   : lab"),
            ] {
                let done = try await bmc.ipmitool("lan set 1 \(words)")
                #expect(done.succeeded, "\(words): \(done)")
                #expect(try await bmc.ipmitool("lan print 1").text.contains(line), "\(line)")
            }
            let commit = try await bmc.freeipmi(
                "ipmi-config",
                "--category=core --commit -e Lan_Conf:Subnet_Mask=255.255.255.0"
            )
            #expect(commit.succeeded, "\(commit)")
            #expect(try await bmc.ipmitool("lan print 1").text.contains("255.255.255.0"))
            let mac = try await bmc.ipmitool("lan set 1 macaddr 02:00:00:00:00:01")
            #expect(!mac.succeeded, "\(mac)")
        }
    }

    @Test("moves when ipmitool sets its address, and leaves the old one", .timeLimit(.minutes(1)))
    func move() async throws {
        let network = MemoryNetwork()
        try await withBMC(MemoryChassis(.on), network: network) { bmc in
            let set = try await bmc.ipmitool("lan set 1 ipaddr 127.0.0.99")
            #expect(set.succeeded, "\(set)")
            #expect(network.added == [IPv4Address("127.0.0.99")])
            let status = try await bmc.ipmitool("power status", at: "127.0.0.99")
            #expect(status.text == "Chassis Power is on\n", "\(status)")
            let print = try await bmc.ipmitool("lan print 1", at: "127.0.0.99")
            #expect(print.text.contains("IP Address              : 127.0.0.99"), "\(print)")
            try await eventually("the old address is left", within: .seconds(20)) {
                network.removed == [IPv4Address("127.0.0.1")] ? true : nil
            }
            #expect(bmc.server.status.address == "127.0.0.99")
            let access = "-I lanplus -H 127.0.0.1 -p \(bmc.port) -U root -P secret"
            let silent = try await bmc.run("timeout", "2 ipmitool \(access) power status")
            #expect(!silent.succeeded, "\(silent)")
            #expect(try await bmc.ipmitool("power off", at: "127.0.0.99").succeeded)
        }
    }

    @Test("stays where it is when the address cannot be had", .timeLimit(.minutes(1)))
    func refused() async throws {
        let taken = try #require(IPv4Address("127.0.0.98"))
        try await withBMC(MemoryChassis(.on), network: MemoryNetwork(taken: [taken])) { bmc in
            let set = try await bmc.ipmitool("raw 0x0c 0x01 0x01 0x03 127 0 0 98")
            #expect(set.errors.contains("rsp=0xd5"), "\(set)")
            let dhcp = try await bmc.ipmitool("raw 0x0c 0x01 0x01 0x04 0x02")
            #expect(dhcp.errors.contains("rsp=0xd5"), "\(dhcp)")
            let foreign = try await bmc.ipmitool("raw 0x0c 0x01 0x01 0x03 192 0 2 1")
            #expect(!foreign.succeeded, "nobody can listen there: \(foreign)")
            #expect(
                try await bmc.ipmitool("lan print 1").text.contains("IP Address              : 127.0.0.1")
            )
        }
    }
}
