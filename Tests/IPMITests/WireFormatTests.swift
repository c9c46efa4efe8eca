import Crypto
import Testing

@testable import IPMI

@Suite("On the wire")
struct WireFormatTests {
    @Test("a presence ping gets its pong")
    func ping() throws {
        let console = Console()
        let ping = hex(
            """
            06 00 FF 06  # RMCP 1.0, no acknowledgement, class ASF
            00 00 11 BE  # ASF's enterprise number
            80 2A 00 00  # presence ping, tag 2Ah, reserved, no data
            """
        )
        let pong = hex(
            """
            06 00 FF 06
            00 00 11 BE
            40 2A 00 10  # presence pong, the same tag, 16 bytes
            00 00 11 BE 00 00 00 00  # no vendor's capabilities
            81 00        # IPMI supported, ASF 1.0
            00 00 00 00 00 00
            """
        )
        #expect(console.send(ping) == [.send(pong, to: console.client)])
    }

    @Test("capabilities are asked for in the format of v1.5")
    func capabilities() throws {
        let console = Console()
        let question = hex(
            """
            06 00 FF 07
            00 00 00 00 00 00 00 00 00 09  # no authentication, sequence 0, session 0, 9 bytes
            20 18 C8     # to the BMC, network function App, checksum
            81 04 38     # from the console, number 1, Get Channel Authentication Capabilities
            8E 04        # of this channel, with v2.0's; for an administrator
            B1           # checksum
            """
        )
        let answer = hex(
            """
            06 00 FF 07
            00 00 00 00 00 00 00 00 00 10
            81 1C 63
            20 04 38 00  # success
            01           # channel 1
            94           # v2.0 data follow; of v1.5's authentication types MD5 and password
            04           # users have names; no K_G, no anonymous log-in
            03           # v2.0 and v1.5
            00 00 00 00 08
            """
        )
        #expect(Console.answer(console.send(question)) == answer)
    }

    @Test("who asks for v1.5 alone is told nothing of v2.0")
    func capabilitiesOfVersion1() throws {
        let console = Console()
        let request = Request(function: 0x06, code: 0x38, data: [0x0E, 0x04])
        let answer = try #require(Console.answer(console.send(V15Packet(payload: request.encoded).encoded)))
        #expect(Array(answer[20...].dropLast()) == hex("00 01 14 04 00 00 00 00 00"))
    }

    @Test("the cipher suites come sixteen bytes at a time")
    func cipherSuites() throws {
        let console = Console(suites: CipherSuite.allCases)
        func list(_ index: UInt8) throws -> [UInt8] {
            let request = Request(function: 0x06, code: 0x54, data: [0x0E, 0x00, index])
            let answer = console.send(V15Packet(payload: request.encoded).encoded)
            return Array(try #require(Console.answer(answer))[20...].dropLast())
        }
        #expect(
            try list(0x80)
                == hex(
                    """
                    00 01           # success, channel 1
                    C0 01 01 40 80  # suite 1: RAKP-HMAC-SHA1
                    C0 02 01 41 80  # suite 2: and HMAC-SHA1-96
                    C0 03 01 41 81  # suite 3: and AES-CBC-128
                    C0              # suite 15 …
                    """
                )
        )
        #expect(
            try list(0x81)
                == hex("00 01  0F 03 40 80  C0 10 03 44 80  C0 11 03 44 81".replacing("  ", with: " "))
        )
        #expect(try list(0x82) == hex("00 01"))
        #expect(try list(0x00) == hex("00 01 01 03 40 41 44 80 81"))
    }

    @Test("a session is opened")
    func openSession() throws {
        let console = Console()
        let question = hex(
            """
            06 00 FF 07
            06 10 00 00 00 00 00 00 00 00 20 00  # RMCP+, Open Session Request, session 0, number 0, 32 bytes
            07 00 00 00              # tag 7, highest level there is
            A4 A3 A2 A0              # console's session A0A2A3A4h
            00 00 00 08 03 00 00 00  # RAKP-HMAC-SHA256
            01 00 00 08 04 00 00 00  # HMAC-SHA256-128
            02 00 00 08 01 00 00 00  # AES-CBC-128
            """
        )
        let answer = try #require(Console.answer(console.send(question)))
        let head = hex(
            """
            06 00 FF 07
            06 11 00 00 00 00 00 00 00 00 24 00  # Open Session Response, 36 bytes
            07 00 04 00              # tag 7, no errors, up to administrator
            A4 A3 A2 A0
            """
        )
        let tail = hex(
            """
            00 00 00 08 03 00 00 00
            01 00 00 08 04 00 00 00
            02 00 00 08 01 00 00 00
            """
        )
        #expect(answer.count == 16 + 36)
        #expect(Array(answer.prefix(24)) == head)
        #expect(answer[24..<28].contains { $0 != 0 }, "a session ID of the BMC's own")
        #expect(Array(answer[28...]) == tail)
    }

    @Test("a refusal ends after the console's session ID")
    func refusal() throws {
        let console = Console()
        let answer = hex(
            """
            06 00 FF 07
            06 11 00 00 00 00 00 00 00 00 08 00
            09 04 00 00 A4 A3 A2 A0  # tag 9, invalid authentication algorithm
            """
        )
        #expect(Console.answer(console.send(console.openSession(0, 0, 0, tag: 9))) == answer)
    }

    /// Computed by Python's `hmac` and OpenSSL's AES for the values of `exchange`.
    struct Vector: Sendable {
        var suite: CipherSuite
        var rakp2: String
        var rakp3: String
        var k1: String
        var k2: String
        var rakp4: String
        var packet: String
    }

    static let vectors = [
        Vector(
            suite: .sha1SignedEncrypted,
            rakp2: "07 52 3a 2e 52 be 6c c0 89 96 3c 96 5d 57 62 36 a1 ad a7 69",
            rakp3: "b6 55 d7 fa 48 46 57 11 b8 19 4d 08 38 ef c5 31 64 50 e7 ec",
            k1: "e4 7b 6f 89 1b 36 5c 5c f2 77 aa ed f7 66 e9 65 53 c3 02 de",
            k2: "8c a1 a6 49 b4 cd 60 3d 2a 7d cd cc 4b 53 b4 1e 57 e2 01 98",
            rakp4: "eb 37 38 4c a2 f6 46 7b b4 1e bd 56",
            packet: """
                06 00 ff 07
                06 c0 44 33 22 11 05 00 00 00 20 00  # signed, encrypted, session 11223344h, number 5, 32 bytes
                30 31 32 33 34 35 36 37 38 39 3a 3b 3c 3d 3e 3f  # initialization vector
                dc e5 89 64 f4 8a 2f 41 f1 7a 2c b1 83 7e 0f 4e  # Get Chassis Status
                ff ff 02 07                          # pad, pad length, next header
                6e fb 3f 3c 5a 43 27 70 35 bc 28 d6  # HMAC-SHA1-96
                """
        ),
        Vector(
            suite: .sha256SignedEncrypted,
            rakp2: """
                2b 64 c5 a4 ab fd a9 cb ec d4 d2 01 18 7b 87 58
                a9 e2 a6 c5 3d 36 97 a3 ea a2 d6 48 ab 94 6f 0a
                """,
            rakp3: """
                7b 70 06 78 17 e9 fc a4 4a 73 0b c1 07 27 cf e2
                35 e9 e9 2c f8 41 d2 95 4c 24 3a 70 76 4e b2 aa
                """,
            k1: """
                48 98 d1 69 d7 8a a9 17 69 ad e8 9d be a2 c5 71
                b8 a0 d8 fc dc b6 b1 f7 f2 64 a2 3d 7e 09 ee 99
                """,
            k2: """
                6f 79 ad 00 26 21 63 4b 4e d3 9e bc 4a 27 08 20
                5d 54 20 a2 c9 54 0f 12 2f 79 a7 1b 54 63 df fe
                """,
            rakp4: "fb ed c4 ef 8c d5 ed 2b 0d 0b fd 94 9a 10 81 f3",
            packet: """
                06 00 ff 07
                06 c0 44 33 22 11 05 00 00 00 20 00
                30 31 32 33 34 35 36 37 38 39 3a 3b 3c 3d 3e 3f
                a7 65 f6 10 53 97 67 04 f5 75 3d 5d b2 d1 42 b9
                ff ff 02 07
                a8 62 c1 38 33 17 ce 5c 48 fd 99 13 1d 7b 71 11  # HMAC-SHA256-128
                """
        ),
    ]

    private func exchange(_ suite: CipherSuite) -> KeyExchange {
        KeyExchange(
            suite: suite,
            consoleID: 0xA0A2_A3A4,
            managedID: 0x1122_3344,
            consoleRandom: [UInt8](0x10...0x1F),
            managedRandom: [UInt8](0x80...0x8F),
            guid: [UInt8](0xF0...0xFF),
            role: 0x14,
            name: Array("root".utf8),
            password: Array("secret".utf8)
        )
    }

    @Test("the proofs and keys of a log-in are the standard's", arguments: vectors)
    func proofs(vector: Vector) throws {
        let exchange = exchange(vector.suite)
        let key = exchange.sessionIntegrityKey
        #expect(exchange.managedProof == hex(vector.rakp2))
        #expect(exchange.consoleProof == hex(vector.rakp3))
        #expect(exchange.additionalKey(1, from: key) == hex(vector.k1))
        #expect(exchange.additionalKey(2, from: key) == hex(vector.k2))
        #expect(exchange.finalProof(key) == hex(vector.rakp4))
    }

    @Test("RAKP messages are read and answered", arguments: vectors)
    func rakp(vector: Vector) throws {
        let exchange = exchange(vector.suite)
        let message1 = try #require(
            RAKPMessage1(
                decoding: hex(
                    """
                    03 00 00 00              # tag 3
                    44 33 22 11              # the BMC's session ID
                    10 11 12 13 14 15 16 17 18 19 1A 1B 1C 1D 1E 1F
                    14 00 00                 # administrator, by name only
                    04 72 6F 6F 74           # "root"
                    """
                )[...]
            )
        )
        #expect(message1.managedID == exchange.managedID)
        #expect(message1.random == exchange.consoleRandom)
        #expect(message1.name == exchange.name)
        let message2 = """
            03 00 00 00              # tag 3, no errors
            A4 A3 A2 A0              # the console's session ID
            80 81 82 83 84 85 86 87 88 89 8A 8B 8C 8D 8E 8F
            F0 F1 F2 F3 F4 F5 F6 F7 F8 F9 FA FB FC FD FE FF
            \(vector.rakp2)
            """
        #expect(message1.reply(exchange) == hex(message2))
        let message3 = try #require(
            RAKPMessage3(decoding: hex("04 00 00 00 44 33 22 11\n" + vector.rakp3)[...])
        )
        #expect(message3.proof == exchange.consoleProof)
        let message4 = message3.reply(.success, consoleID: exchange.consoleID, proof: hex(vector.rakp4))
        #expect(message4 == hex("04 00 00 00 A4 A3 A2 A0\n" + vector.rakp4))
    }

    @Test("packets are signed and encrypted, verified and decrypted", arguments: vectors)
    func packets(vector: Vector) throws {
        let cipher = SessionCipher(
            suite: vector.suite,
            integrityKey: hex(vector.k1),
            confidentialityKey: hex(vector.k2)
        )
        let message = Request(function: 0x00, code: 0x01, sequence: 7).encoded
        #expect(message == hex("20 00 E0 81 1C 01 62"))
        let sealed = try cipher.seal(
            .message,
            message,
            session: 0x1122_3344,
            sequence: 5,
            vector: [UInt8](0x30...0x3F)
        )
        #expect(sealed == hex(vector.packet))
        guard case .rmcpPlus(let packet) = try Datagram(decoding: sealed) else {
            Issue.record("not an RMCP+ packet")
            return
        }
        #expect(packet.session == 0x1122_3344)
        #expect(packet.sequence == 5)
        #expect(try cipher.open(packet) == message)
    }

    @Test("a packet with one bit changed is dropped, wherever it is", arguments: vectors)
    func tampering(vector: Vector) throws {
        let cipher = SessionCipher(
            suite: vector.suite,
            integrityKey: hex(vector.k1),
            confidentialityKey: hex(vector.k2)
        )
        let packet = hex(vector.packet)
        for position in 4..<packet.count {
            for bit in 0..<8 {
                var changed = packet
                changed[position] ^= 1 << UInt8(bit)
                #expect(throws: PacketError.self, "byte \(position), bit \(bit)") {
                    guard case .rmcpPlus(let packet) = try Datagram(decoding: changed) else {
                        throw PacketError.notForUs
                    }
                    _ = try cipher.open(packet)
                }
            }
        }
    }
}
