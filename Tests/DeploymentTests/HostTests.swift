import LabModel
import Testing

@testable import Deployment

@Suite("The jump host")
struct HostTests {
    private let bmc: BMCAccess
    init() throws {
        let address = try #require(IPv4Address("192.168.20.203"))
        bmc = BMCAccess(address: address, user: "root", password: "secret", version: "2.0")
    }

    @Test("finds the interface that holds an address")
    func interface() throws {
        let listing = """
            [{"ifname":"lo","addr_info":[{"family":"inet","local":"127.0.0.1","prefixlen":8}]},
             {"ifname":"eth0","addr_info":[{"family":"inet6","local":"fe80::1"},{"local":"10.20.0.1"}]},{"ifname":"x","addr_info":[{}]}]
            """
        let (held, other) = (try #require(IPv4Address("10.20.0.1")), try #require(IPv4Address("10.20.0.2")))
        #expect(try LinuxJumpHost.interface(holding: held, in: listing) == "eth0")
        #expect(try LinuxJumpHost.interface(holding: other, in: listing) == nil)
    }

    @Test("names the programs that lack, and asks the real ip")
    func programs() async throws {
        #expect(LinuxJumpHost().missing(["sh", "no-such-program"]) == ["no-such-program"])
        let loopback = try #require(IPv4Address("127.0.0.1"))
        #expect(try await LinuxJumpHost().interface(holding: loopback) == "lo")
    }

    @Test("names the name servers that nodes can ask too")
    func nameServers() {
        let text = """
            # Two of three.
            search example.org
            nameserver 127.0.0.53
            nameserver 198.18.0.53
            nameserver\tfe80::1
            nameserver 10.0.0.2 # the second
            options edns0
            """
        #expect(LinuxJumpHost.nameServers(in: text).map(\.description) == ["198.18.0.53", "10.0.0.2"])
        #expect(LinuxJumpHost.nameServers(in: "").isEmpty)
    }

    @Test("keeps passwords out of ipmitool's arguments")
    func arguments() {
        let arguments = IPMITool.arguments(.bootPXE, bmc)
        #expect(
            arguments.joined(separator: " ") == "-I lanplus -H 192.168.20.203 -U root -E chassis bootdev pxe"
        )
        var old = bmc
        old.version = "1.0"
        #expect(IPMITool.arguments(.status, old).prefix(2) == ["-I", "lan"])
    }

    @Test("understands ipmitool, and believes only what it says")
    func answers() {
        #expect(IPMITool.answer(to: .status, 0, "Chassis Power is on\n", "") == .power(.on))
        #expect(IPMITool.answer(to: .status, 0, "Chassis Power is off\n", "") == .power(.off))
        #expect(IPMITool.answer(to: .status, 0, "hm\n", "") == .refused("unknown power state “hm”"))
        #expect(IPMITool.answer(to: .powerOn, 0, "Chassis Power Control: Up/On\n", "") == .done)
        let error = "Error: Unable to establish IPMI v2 / RMCP+ session"
        #expect(IPMITool.answer(to: .powerOn, 1, "", error + "\n") == .refused(error))
        #expect(IPMITool.answer(to: .powerOn, nil, "", "") == .refused("ipmitool was killed"))
    }

    @Test("ends a program that takes too long", .timeLimit(.minutes(1)))
    func limit() async throws {
        let error = await #expect(throws: DeployError.self) {
            try await HostProgram(name: "sleep", arguments: ["600"]).run(within: .milliseconds(200))
        }
        #expect(error?.message == "sleep: no end after 0.2s")
    }
}
