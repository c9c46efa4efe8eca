import Testing

@testable import IPMI

@Suite("The device of a BMC that misbehaves")
struct MisbehavingDeviceTests {
    @Test("that updates its firmware, says so and does nothing else", arguments: ["c0", "d1", "d2"])
    func updating(completion: String) throws {
        let console = try Console.misbehaving("updating", ["completion": completion])
        #expect(try console.command(0x06, 0x01).data[2] & 0x80 != 0)
        #expect(try console.command(0x00, 0x01).completion == UInt8(completion, radix: 16))
        let actions = console.send(try console.packet(0x00, 0x02, [0x00]))
        #expect(Console.work(actions) == nil)
        #expect(console.bmc.misbehaviours.map(\.bites) == [2])
    }

    @Test("whose self test fails, says what is broken")
    func selfTest() throws {
        #expect(try Console.misbehaving("self-test-failed").command(0x06, 0x04).data == [0x57, 0x01])
    }

    @Test("whose event log is full, says so and adds nothing, until it behaves")
    func eventLogFull() throws {
        let console = try Console.misbehaving("sel-full")
        let info = try console.command(0x0A, 0x40).data
        #expect(info[3] == 0 && info[4] == 0)
        let record: [UInt8] = [0, 0, 0x02, 0, 0, 0, 0, 0x20, 0, 4, 1, 1, 1, 0, 0, 0]
        #expect(try console.command(0x0A, 0x44, record).completion == 0xC4)
        #expect(console.bmc.misbehaviours.map(\.bites) == [2])
        console.bmc.behave(by: .hand)
        #expect(try console.command(0x0A, 0x44, record).completion == 0)
    }

    @Test("whose inlet is hot, reads far beyond its limits, until it behaves")
    func sensorAlarm() throws {
        let console = try Console.loggedIn()
        let usual = try console.command(0x04, 0x2D, [0x10]).data
        try console.misbehave("sensor-alarm")
        let alarm = try console.command(0x04, 0x2D, [0x10]).data
        #expect(alarm[0] > usual[0])
        #expect(alarm[2] & 0x38 == 0x38, "beyond all upper limits")
        console.bmc.behave(by: .hand)
        #expect(try console.command(0x04, 0x2D, [0x10]).data == usual)
    }

    @Test("twists what Redfish does, each thing where it belongs")
    func redfish() throws {
        let console = Console()
        func twist(isChange: Bool = false, showsPower: Bool = false) -> RedfishTwist {
            console.bmc.twistRedfish(isChange: isChange, showsPower: showsPower, at: console.now).0
        }
        #expect(twist(isChange: true, showsPower: true) == RedfishTwist())
        try console.misbehave("redfish-unchanged")
        try console.misbehave("redfish-malformed")
        #expect(twist() == RedfishTwist())
        #expect(twist(isChange: true) == RedfishTwist(isPretended: true))
        #expect(twist(showsPower: true) == RedfishTwist(isMalformed: true))
        try console.misbehave("redfish-error", ["status": "429"])
        try console.misbehave("redfish-slow", ["delay": "1s"])
        #expect(twist() == RedfishTwist(delay: .seconds(1), error: 429))
        #expect(console.bmc.misbehaviours.map(\.bites) == [1, 1, 1, 1])
    }

    // MARK: Consoles

    @Test("that drops consoles, takes one away after so many packets, and says so to it")
    func consoleDrops() throws {
        let console = try Console.misbehaving("sol-drops", ["after": "1"])
        try console.activate()
        func hear() throws -> [SOLPacket] {
            let now = console.shows([0x61])
            console.now += .seconds(1)
            let sent = try console.solPackets(now + console.bmc.advance(to: console.now))
            for packet in sent where !packet.characters.isEmpty {
                _ = console.send(try console.sol(SOLPacket(decoding: [0, packet.sequence, 1, 0])))
            }
            return sent
        }
        #expect(try hear().map(\.characters) == [[0x61]])
        #expect(try hear().map(\.flags) == [.deactivated])
        #expect(try console.command(0x06, 0x4A, [0x01]).data == [4, 0x00, 0x00], "no instance is active")
        #expect(console.bmc.misbehaviours.map(\.bites) == [1])
    }

    @Test("that is for one console, refuses a second one, also by another instance")
    func secondConsoleRefused() throws {
        let console = try Console.misbehaving("sol-second-refused")
        #expect(try console.activate() == 0)
        try console.another(40001) { other throws in
            #expect(try other.activate(2) == 0x80, "payload already active (IPMI 2.0 §24.1)")
            #expect(other.bmc.misbehaviours.map(\.bites) == [1])
            other.bmc.behave(by: .hand)
            #expect(try other.activate(2) == 0)
        }
    }
}
