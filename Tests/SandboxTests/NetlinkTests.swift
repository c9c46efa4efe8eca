import LabModel
import Testing

@testable import Sandbox

@Suite("What the kernel says")
struct NetlinkTests {
    /// Bytes from annotated hex: anything behind `#` on a line is for the reader.
    private func hex(_ text: String) -> [UInt8] {
        let digits = text.split(separator: "\n").map { $0.prefix { $0 != "#" }.filter(\.isHexDigit) }.joined()
        return stride(from: 0, to: digits.count, by: 2).compactMap { offset in
            let start = digits.index(digits.startIndex, offsetBy: offset)
            return UInt8(digits[start..<digits.index(start, offsetBy: 2)], radix: 16)
        }
    }

    private let neighbours = """
        40000000 1C00 0200 01000000 00000000    # 64 bytes, RTM_NEWNEIGH, of several
        0A 00 0000 03000000 0200 80 01          # AF_INET6, on interface 3, reachable
        1400 0100 20010002000000010000000000000050      # NDA_DST
        0A00 0200 020000000001 0000             # NDA_LLADDR, padded
        0400 0300                               # one of no length
        30000000 1C00 0200 01000000 00000000
        02 00 0000 03000000 0400 00 01          # AF_INET
        0800 0100 0A140032
        0A00 0200 44A84214CD0D 0000
        24000000 1C00 0200 01000000 00000000
        02 00 0000 03000000 0100 00 01          # somebody who has not answered yet
        0800 0100 0A140033
        """

    @Test("of neighbours is read for both families")
    func reads() {
        let messages = NetlinkMessage.all(in: hex(neighbours))
        #expect(messages.map(\.type) == [28, 28, 28])
        let known = messages.compactMap { NeighbourTable.read($0) }
        #expect(
            known.map { "\($0.0) \($0.1)" } == [
                "2001:2:0:1::50 02:00:00:00:00:01", "10.20.0.50 44:a8:42:14:cd:0d",
            ]
        )
    }

    @Test("is asked for byte for byte as netlink(7) has it")
    func asks() {
        let message = NetlinkMessage(type: 30, flags: 0x0301, body: [10, 0, 0, 0])
        #expect(message.bytes == hex("14000000 1E00 0103 01000000 00000000 0A000000"))
        #expect(NetlinkMessage.attribute(2, [1, 2, 3, 4, 5]) == hex("0900 0200 0102030405 000000"))
        #expect(NetlinkMessage.all(in: message.bytes) == [message])
    }

    @Test("that is cut off anywhere is read as far as it goes")
    func cutOff() {
        let bytes = hex(neighbours)
        for count in 0..<bytes.count {
            let messages = NetlinkMessage.all(in: bytes.prefix(count))
            #expect(messages.count == [64, 112, 148].count { $0 <= count })
            for message in messages { _ = NeighbourTable.read(message) }
        }
        let part = NetlinkMessage(type: 28, flags: 0, body: Array(bytes[16..<52]))
        for count in 0..<36 {
            let shorter = NetlinkMessage(type: 28, flags: 0, body: Array(part.body.prefix(count)))
            #expect(NeighbourTable.read(shorter) == nil)
        }
    }

    @Test("of a logged packet is whose it was and where it went, and the filter's word for the rule")
    func logged() throws {
        let v4 = """
            40000000 0004 0000 00000000 00000000    # 64 bytes, NFULNL_MSG_PACKET
            02 00 0035                              # AF_INET, group 53
            0700 0A00 313200 00                     # NFULA_PREFIX: 12
            2400 0900 45000020 00000000 40 06 0000 0A140032 C613B77C    # NFULA_PAYLOAD: from 10.20.0.50 …
            D431 0050 00000001 00000000             # from port 54321 to port 80
            """
        let v6 = """
            50000000 0004 0000 00000000 00000000
            0A 00 0035
            0700 0A00 313300 00
            3400 0900 60000000 0008 06 40           # TCP follows
            20010002000000010000000000000050 200100020000000000000000C613B77C
            D431 01BB 00000001
            """
        let messages = NetlinkMessage.all(in: hex(v4)) + NetlinkMessage.all(in: hex(v6))
        #expect(messages.count == 2)
        let packets = messages.compactMap { PacketLog.read($0) }
        #expect(
            packets.map { "\($0.label) \($0.source) → \($0.target) \($0.port)" }.first
                == "12 10.20.0.50 → 198.19.183.124 80"
        )
        #expect(packets.last?.source == IPAddress("2001:2:0:1::50") && packets.last?.label == "13")
        for message in messages {
            for count in 0..<message.body.count {
                let part = NetlinkMessage(
                    type: message.type,
                    flags: 0,
                    body: Array(message.body.prefix(count))
                )
                #expect(PacketLog.read(part) == nil)
            }
        }
        #expect(
            PacketLog.configure(53, NetlinkMessage.attribute(1, [1])).bytes
                == hex("1C000000 0104 0500 01000000 00000000 00 00 0035 0500 0100 01 000000")
        )
    }

    @Test("about this machine's own neighbours is an answer")
    func live() throws { _ = try NeighbourTable.current() }
}
