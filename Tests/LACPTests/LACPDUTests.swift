import LabModel
import Testing

@testable import LACP

@Suite("A message of LACP")
struct LACPDUTests {
    /// What Linux' bonding driver sends before it has heard anybody, with its Ethernet header.
    private static let linux: [UInt8] =
        [0x01, 0x80, 0xc2, 0x00, 0x00, 0x02]  // To the Slow Protocols' group.
        + [0x52, 0x54, 0x00, 0x12, 0x34, 0x56, 0x88, 0x09]  // From the port, EtherType.
        + [0x01, 0x01]  // Subtype LACP, version 1.
        + [0x01, 0x14, 0xff, 0xff, 0x52, 0x54, 0x00, 0x12, 0x34, 0x56]  // Actor: priority, system.
        + [0x00, 0x0f, 0x00, 0xff, 0x00, 0x02, 0x47, 0, 0, 0]  // Key, port priority, port, state.
        + [0x02, 0x14, 0xff, 0xff, 0, 0, 0, 0, 0, 0]  // Partner: nobody yet.
        + [0x00, 0x01, 0x00, 0xff, 0x00, 0x01, 0x01, 0, 0, 0]
        + [0x03, 0x10, 0x00, 0x00] + [UInt8](repeating: 0, count: 12)  // Collector: no delay.
        + [UInt8](repeating: 0, count: 52)  // Terminator and what is reserved.

    @Test("is read as the standard lays it out, and written so")
    func both() throws {
        let frame = try #require(SlowFrame(Self.linux))
        guard case .lacp(let message) = frame else {
            Issue.record("\(frame)")
            return
        }
        let mac = try #require(MACAddress("52:54:00:12:34:56"))
        #expect(message.actor.systemPriority == 0xffff && message.actor.system == mac)
        #expect(message.actor.key == 15 && message.actor.portPriority == 255 && message.actor.port == 2)
        #expect(message.actor.state == [.activity, .shortTimeout, .aggregation, .defaulted])
        #expect(message.partner.key == 1 && message.partner.port == 1 && message.partner.state == .activity)
        #expect(Self.linux.count == 124 && frame.bytes(from: mac) == Self.linux)
    }

    @Test("of a later version is read; one that is short, or laid out otherwise, is none")
    func others() {
        var later = Self.linux
        later[15] = 2
        #expect(SlowFrame(later) != nil)
        for (place, value) in [(0, 0), (13, 0), (14, 3), (15, 0), (17, 0x13), (36, 1), (56, 4)] {
            var wrong = Self.linux
            wrong[place] = UInt8(value)
            #expect(SlowFrame(wrong) == nil, "byte \(place)")
        }
        for length in 0..<Self.linux.count { #expect(SlowFrame(Array(Self.linux.prefix(length))) == nil) }
    }

    @Test("a marker is sent back as its response")
    func marker() throws {
        let mac = MACAddress(bits: 0x02_76_6c_61_63_70)
        let body: [UInt8] = [0x02, 0x01, 0x01, 0x10] + [UInt8](1...14) + [UInt8](repeating: 0, count: 92)
        let question = Array(Self.linux.prefix(14)) + body
        let answer = try #require(SlowFrame(question)).bytes(from: mac)
        #expect(answer[14...17] == [0x02, 0x01, 0x02, 0x10] && answer[18...] == question[18...])
        #expect(SlowFrame(answer) == nil, "a response asks for none")
    }
}
