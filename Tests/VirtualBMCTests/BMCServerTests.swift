import IPMI
import LabModel
import Testing

@testable import VirtualBMC

@Suite("A BMC server")
struct BMCServerTests {
    private func configuration(
        uuid: String = BMCUnderTest.uuid,
        port: Int = 0,
        user: String = "root",
        password: String = "secret"
    ) throws -> BMCConfiguration {
        BMCConfiguration(
            node: "ctl01",
            uuid: uuid,
            address: try #require(IPv4Address("127.0.0.1")),
            port: port,
            accounts: [Account(name: user, password: password)]
        )
    }

    @Test("says why it cannot listen")
    func addressInUse() async throws {
        try await withBMC(MemoryChassis()) { bmc in
            let second = try BMCServer(configuration(port: bmc.port), chassis: MemoryChassis())
            let error = await #expect(throws: BMCError.self) { try await second.start() }
            let text = "\(try #require(error))"
            #expect(text.hasPrefix("BMC of ctl01: cannot listen on 127.0.0.1:\(bmc.port): "))
            #expect(text.contains("in use"), "\(text)")
        }
    }

    @Test(
        "refuses what no BMC can be",
        arguments: [
            ("a1b2", "root", "secret"), (BMCUnderTest.uuid, "rootrootrootrootr", "x"),
            (BMCUnderTest.uuid, "root", "123456789012345678901"),
        ]
    )
    func badConfiguration(uuid: String, user: String, password: String) throws {
        #expect(throws: BMCError.self) {
            try BMCServer(configuration(uuid: uuid, user: user, password: password), chassis: MemoryChassis())
        }
    }

    @Test("knows from the pod where it is and to whom it answers")
    func fromPod() throws {
        let address = try #require(IPv4Address("192.168.20.201"))
        let node = Node(
            name: "ctl01",
            roles: [],
            nics: [],
            bmc: BMCAccess(address: address, user: "admin", password: "pw"),
            uuid: BMCUnderTest.uuid,
            serial: "s"
        )
        let configuration = try #require(BMCConfiguration(node))
        #expect(configuration.address == address)
        #expect(configuration.port == 623)
        #expect(configuration.accounts == [Account(name: "admin", password: "pw")])
        var without = node
        without.bmc = nil
        #expect(BMCConfiguration(without) == nil)
    }

    @Test("has a reset done once for an ipmitool that loses every other answer", .timeLimit(.minutes(2)))
    func lostAnswers() async throws {
        let machine = MemoryChassis(.on)
        try await withBMC(machine) { bmc in
            let link = try await LossyLink(to: bmc.port)
            let reset = try await bmc.run(
                "ipmitool",
                "-I lanplus -C 3 -H 127.0.0.1 -p \(link.port) -U root -P secret power reset"
            )
            #expect(reset.succeeded, "\(reset)")
            #expect(machine.actions == [.reset])
            let answered = bmc.events.all.filter { $0.details["request"] == "hard reset" }
            // Twice, or more often when it was so slow that ipmitool asked once more.
            #expect(answered.count >= 2, "answered again, not done again: \(answered)")
            try await link.close()
        }
    }
}
