import Testing

@testable import IPMI

@Suite("The inventory")
struct FRUTests {
    private let console: Console

    init() throws { console = try Console.loggedIn(inventory: .sample) }

    private func read(in pieces: Int = 32) throws -> [UInt8] {
        let info = try console.command(0x0A, 0x10, [0x00]).data
        let size = Int(info[0]) | Int(info[1]) << 8
        #expect(info[2] == 0, "accessed by bytes")
        var bytes: [UInt8] = []
        while bytes.count < size {
            let offset = UInt16(bytes.count).littleEndianBytes
            let answer = try console.command(0x0A, 0x11, [0x00] + offset + [UInt8(pieces)])
            try #require(answer.completion == 0 && answer.data.count == 1 + Int(answer.data[0]))
            bytes += answer.data.dropFirst()
        }
        return bytes
    }

    @Test("has chassis, board and product (FRU Information Storage Definition 1.0, §8, §10 to §12)")
    func areas() throws {
        let expected = hex(
            """
            01 00 01 03 0E 00 00 ED         # header: chassis at 8, board at 24, product at 112
            01 02 17 C3 56 53 31            # chassis, 16 bytes, 19-inch: part «VS1»
            C6 53 2D 30 30 30 31 C1 81      # serial «S-0001», no more, checksum
            01 0B 19 00 00 00               # board, 88 bytes, English, not told when
            C4 76 6C 61 62                  # manufacturer «vlab»
            CE 56 69 72 74 75 61 6C 20 73 65 72 76 65 72  # «Virtual server»
            C6 53 2D 30 30 30 31            # serial
            C3 56 53 31                     # part
            C0                              # no file
            """
        )
        let bytes = try read()
        #expect(bytes.prefix(expected.count).elementsEqual(expected))
        #expect(String(decoding: bytes, as: UTF8.self).contains("eth1 52:54:00:00:00:02"))
        let product = try #require(FRUArea.product(in: bytes))
        let texts = product.fields.map { String(decoding: $0, as: UTF8.self) }
        #expect(
            texts == [
                "vlab", "Virtual server", "VS1", "1 ", "S-0001", "", "", "ctl01", "2 CPUs, 2048 MiB",
            ]
        )
        for start in [8, 24, 112] {
            let end = start + Int(bytes[start + 1]) * 8
            #expect(bytes[start..<end].checksum == 0, "the area at \(start)")
        }
    }

    @Test("is the same in pieces of any size", arguments: [1, 5, 16, 63, 255])
    func pieces(size: Int) throws { #expect(try read(in: size) == console.bmc.storage.fru.bytes) }

    @Test("keeps what is written, where there is room (§34.3)")
    func write() throws {
        let before = try read()
        #expect(try console.command(0x0A, 0x12, hex("00 00 02 AA BB CC")).data == [0x03])
        #expect(try console.command(0x0A, 0x12, hex("00 FF 03 DD")).data == [0x01])
        var after = before
        after.replaceSubrange(0x200..<0x203, with: [0xAA, 0xBB, 0xCC])
        after[0x3FF] = 0xDD
        #expect(try read() == after)
        #expect(try console.command(0x0A, 0x12, hex("00 FF 03 DD EE")).completion == 0xC9)
        #expect(try console.command(0x0A, 0x11, hex("00 00 04 01")).completion == 0xC9)
        #expect(try console.command(0x0A, 0x10, [0x01]).completion == 0xCB, "another device")
        #expect(try console.command(0x0A, 0x11, hex("01 00 00 01")).completion == 0xCB)
    }

    @Test("of a machine with texts of any length is in order", arguments: 0..<80)
    func lengths(count: Int) throws {
        var inventory = Inventory.sample
        let text = String(repeating: "x", count: count)
        (inventory.serial, inventory.assetTag, inventory.product) = (text, text, text)
        let fru = FRUDevice(inventory)
        let product = try #require(FRUArea.product(in: fru.bytes))
        #expect(product.fields.count == 9)
        #expect(fru.bytes.count == FRUDevice.size)
        let tag = try #require(fru.assetTag)
        #expect(tag.count == (count == 1 ? 2 : min(63, count)))
    }

    @Test("takes an asset tag, also after somebody has changed it, but not over what it cannot read")
    func assetTag() throws {
        var fru = FRUDevice(.sample)
        let before = fru.bytes
        var isSet = fru.setAssetTag(Array("rack 7".utf8))
        #expect(isSet && fru.assetTag == Array("rack 7".utf8))
        isSet = fru.setAssetTag([])
        #expect(isSet && fru.bytes == before)
        _ = try fru.write([0x00, 0x00, 0x00] + [UInt8](repeating: 0xFF, count: 8))
        #expect(fru.assetTag == nil)
        isSet = fru.setAssetTag([0x41, 0x42])
        #expect(!isSet)
    }
}
