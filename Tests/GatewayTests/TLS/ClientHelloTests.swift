import NIOCore
import Testing

@testable import Gateway

@Suite("A ClientHello")
struct ClientHelloTests {
    /// To `mirror-a.vlab.test`, speaking HTTP/2 or 1.1.
    static let hello = hex(
        """
        16 03 01 00 6a                # handshake, TLS 1.0 for old middleboxes, 106 bytes
        01 00 00 66                   # ClientHello, 102 bytes
        03 03                         # legacy_version
        00 01 02 03 04 05 06 07 08 09 0a 0b 0c 0d 0e 0f  # random
        10 11 12 13 14 15 16 17 18 19 1a 1b 1c 1d 1e 1f
        00                            # no session
        00 04 13 01 c0 2b             # two cipher suites
        01 00                         # no compression
        00 39                         # 57 bytes of extensions
        00 00 00 17                   # server_name, 23 bytes
          00 15                       # a list of 21 bytes
          00 00 12                    # host_name, 18 bytes
          6d 69 72 72 6f 72 2d 41 2e 76 6c 61 62 2e 74 65 73 74
        00 10 00 0e                   # application_layer_protocol_negotiation, 14 bytes
          00 0c 02 68 32 08 68 74 74 70 2f 31 2e 31
        00 2b 00 03 02 03 04          # supported_versions: TLS 1.3
        ff 01 00 01 00                # renegotiation_info
        """
    )

    private static func read(_ parts: [ByteBuffer]) throws -> ClientHello? {
        var reader = ClientHelloReader()
        for part in parts {
            if let hello = try reader.receive(part) { return hello }
        }
        return nil
    }

    private static func refusal(_ bytes: ByteBuffer) -> String? {
        #expect(throws: ClientHelloRefusal.self) { try read([bytes]) }?.reason
    }

    /// The hello with the bytes at an offset replaced by others.
    private static func hello(_ offset: Int, _ bytes: UInt8...) -> ByteBuffer {
        var copy = hello
        copy.setBytes(bytes, at: offset)
        return copy
    }

    /// The message, in records of so many bytes each.
    private static func records(of size: Int) -> ByteBuffer {
        var (message, out) = (hello, ByteBuffer())
        message.moveReaderIndex(forwardBy: 5)
        while message.readableBytes > 0,
            var part = message.readSlice(length: min(size, message.readableBytes))
        {
            out.writeBytes([22, 3, 3, UInt8(part.readableBytes >> 8), UInt8(part.readableBytes & 0xFF)])
            out.writeBuffer(&part)
        }
        return out
    }

    @Test("tells the server's name, in lower case, and the protocols as they are preferred")
    func whole() throws {
        let hello = try #require(try Self.read([Self.hello]))
        #expect(hello.serverName == "mirror-a.vlab.test")
        #expect(hello.protocols == ["h2", "http/1.1"])
    }

    @Test("is read from any two segments, and byte by byte, and no earlier than it is whole")
    func segments() throws {
        let whole = try Self.read([Self.hello])
        for end in 0..<Self.hello.readableBytes {
            let first = try #require(Self.hello.getSlice(at: 0, length: end))
            let rest = try #require(Self.hello.getSlice(at: end, length: Self.hello.readableBytes - end))
            #expect(try Self.read([first]) == nil)
            #expect(try Self.read([first, rest]) == whole)
        }
        let bytes = Self.hello.readableBytesView.map { ByteBuffer(bytes: [$0]) }
        #expect(try Self.read(bytes) == whole)
    }

    @Test(
        "is put together from several records, and what comes behind it does not matter",
        arguments: [1, 3, 4, 50, 105]
    )
    func records(size: Int) throws {
        var records = Self.records(of: size)
        records.writeBytes([20, 3, 3, 0, 1, 1])
        #expect(try Self.read([records])?.serverName == "mirror-a.vlab.test")
    }

    @Test("of an old client has no extensions, and no name")
    func old() throws {
        let hello = hex(
            """
            16 03 01 00 2d  01 00 00 29  03 01
            00 01 02 03 04 05 06 07 08 09 0a 0b 0c 0d 0e 0f 10 11 12 13 14 15 16 17 18 19 1a 1b 1c 1d 1e 1f
            00  00 02 00 2f  01 00
            """
        )
        let read = try #require(try Self.read([hello]))
        #expect(read.serverName == nil)
        #expect(read.protocols == [])
    }

    @Test("is refused by what is wrong with it")
    func malformed() {
        #expect(Self.refusal(Self.hello(0, 23)) == "a record of type 23 stands where it should be")
        #expect(Self.refusal(Self.hello(1, 2)) == "its record is not of TLS")
        #expect(Self.refusal(Self.hello(3, 0, 0)) == "a record has 0 bytes")
        #expect(Self.refusal(Self.hello(3, 0x40, 1)) == "a record has 16385 bytes")
        #expect(Self.refusal(Self.hello(5, 2)) == "a handshake message of type 2 stands where it should be")
        #expect(Self.refusal(Self.hello(6, 0, 0x40, 1)) == "it has 16385 bytes")
        #expect(Self.refusal(Self.hello(9, 2)) == "its version is not of TLS")
        let lists = "its session, cipher suites or compression methods are malformed"
        #expect(Self.refusal(Self.hello(43, 33)) == lists)
        #expect(Self.refusal(Self.hello(44, 0, 3)) == lists)
        #expect(Self.refusal(Self.hello(52, 0, 0x38)) == "its extensions do not end with it")
        #expect(Self.refusal(Self.hello(56, 0, 0x7F)) == "an extension is longer than all of them")
        #expect(Self.refusal(Self.hello(99, 0, 16)) == "it has extension 16 twice")
        #expect(Self.refusal(Self.hello(58, 0, 0x14)) == "its server name is malformed")
        #expect(Self.refusal(Self.hello(60, 1)) == "its server name is malformed")
        #expect(Self.refusal(Self.hello(63, 0)) == "its server name is no host's")
        #expect(Self.refusal(Self.hello(63, 0x2E)) == "its server name is no host's", "an empty label")
        #expect(Self.refusal(Self.hello(87, 0)) == "its protocols are malformed")
    }

    @Test("changed at random is read or refused, and the same in whatever pieces it comes", arguments: 0..<16)
    func mutated(seed: UInt64) throws {
        var random = SplitMix(seed: seed)
        for _ in 0..<100 {
            var bytes = Array(Self.records(of: Int.random(in: 1...106, using: &random)).readableBytesView)
            for _ in 0..<Int.random(in: 1...6, using: &random) {
                let index = Int.random(in: 0..<bytes.count, using: &random)
                switch Int.random(in: 0..<4, using: &random) {
                case 0: bytes[index] = UInt8.random(in: .min ... .max, using: &random)
                case 1: bytes[index] ^= 1 << UInt8.random(in: 0..<8, using: &random)
                case 2: bytes.remove(at: index)
                default: bytes.insert(UInt8.random(in: .min ... .max, using: &random), at: index)
                }
            }
            let whole = Result { try Self.read([ByteBuffer(bytes: bytes)]) }
            let pieces = Result { try Self.read(bytes.map { ByteBuffer(bytes: [$0]) }) }
            switch (whole, pieces) {
            case (.success(let one), .success(let other)): #expect(one == other, "\(bytes)")
            case (.failure(let one), .failure(let other)):
                #expect(one as? ClientHelloRefusal != nil)
                #expect(one as? ClientHelloRefusal == other as? ClientHelloRefusal, "\(bytes)")
            default: Issue.record("\(whole) in one piece, \(pieces) in many: \(bytes)")
            }
        }
    }
}

/// The same numbers in every run (Steele, Lea and Flood's SplitMix64).
private struct SplitMix: RandomNumberGenerator {
    private var state: UInt64
    init(seed: UInt64) { state = seed }
    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }
}
