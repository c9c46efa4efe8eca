/// Signs and encrypts the packets of one session, and verifies and decrypts them (IPMI 2.0 §13.28).
package struct SessionCipher: Sendable {
    package let suite: CipherSuite
    /// Under K_1.
    private let hash: KeyedHash
    /// Under K_2.
    private let blocks: BlockCipher

    /// The «next header» of every RMCP+ packet (IPMI 2.0 §13.6).
    private static let nextHeader: UInt8 = 0x07

    package init(suite: CipherSuite, integrityKey: [UInt8], confidentialityKey: [UInt8]) {
        self.suite = suite
        hash = KeyedHash(suite.authentication, key: integrityKey)
        blocks = BlockCipher(key: confidentialityKey)
    }

    init(_ exchange: KeyExchange, _ sessionIntegrityKey: KeyedHash) {
        self.init(
            suite: exchange.suite,
            integrityKey: exchange.additionalKey(1, from: sessionIntegrityKey),
            confidentialityKey: exchange.additionalKey(2, from: sessionIntegrityKey)
        )
    }

    /// The datagram with that payload for the other side, whose session ID it is.
    ///
    /// Without a vector it makes one of the number, which no other packet to that side has.
    package func seal(
        _ type: RMCPPlusPacket.Payload,
        _ payload: [UInt8],
        session: UInt32,
        sequence: UInt32,
        vector: [UInt8]? = nil,
        encrypting: Bool = true
    ) throws(PacketError) -> [UInt8] {
        let encrypts = encrypting && suite.confidentiality != .none
        let signs = suite.integrity != .none
        let block = BlockCipher.block
        // IPMI 2.0 §13.29: vector, then payload, 01h 02h 03h … and how many of them, a multiple of the block in all.
        let filling = encrypts ? (block - (payload.count + 1) % block) % block : 0
        let length = encrypts ? block + payload.count + filling + 1 : payload.count
        var bytes = RMCPPlusPacket.header(
            type,
            length: length,
            session: session,
            sequence: sequence,
            encrypted: encrypts,
            authenticated: signs
        )
        if encrypts {
            let start = bytes.count
            if let vector {
                bytes += vector
            } else {
                bytes.append(littleEndian: sequence)
                bytes.append(littleEndian: session)
                bytes += repeatElement(0, count: block - 8)
            }
            bytes += payload
            for number in 0..<UInt8(filling) { bytes.append(number + 1) }
            bytes.append(UInt8(filling))
            do {
                if vector == nil { try blocks.makeVector(&bytes, at: start) }
                try blocks.encrypt(&bytes, after: start)
            } catch {
                throw .wrongPadding
            }
        } else {
            bytes += payload
        }
        if signs { sign(&bytes) }
        return bytes
    }

    private func sign(_ bytes: inout [UInt8]) {
        // Padded so that what is signed is a multiple of four bytes.
        let padding = (4 - (bytes.count - RMCPPlusPacket.start + 2) % 4) % 4
        bytes += repeatElement(0xFF, count: padding)
        bytes.append(UInt8(padding))
        bytes.append(Self.nextHeader)
        hash.sign(&bytes, from: RMCPPlusPacket.start, length: suite.integrity.codeLength)
    }

    /// The packet's payload, if the other side of this session has sent it.
    package func open(_ packet: RMCPPlusPacket) throws(PacketError) -> [UInt8] {
        guard packet.isAuthenticated == (suite.integrity != .none),
            packet.isEncrypted == (suite.confidentiality != .none)
                // SOL may go unencrypted where messages may not (IPMI 2.0 §24.1, Activate Payload).
                || packet.type == .sol && !packet.isEncrypted
        else { throw .wrongProtection }
        if packet.isAuthenticated { try verify(packet) }
        return packet.isEncrypted ? try decrypt(packet.payload) : Array(packet.payload)
    }

    private func verify(_ packet: RMCPPlusPacket) throws(PacketError) {
        let bytes = packet.datagram
        let end = bytes.count - suite.integrity.codeLength
        guard end - 2 >= packet.payload.endIndex else { throw .wrongLength }
        guard bytes[end - 1] == Self.nextHeader,
            packet.payload.endIndex + Int(bytes[end - 2]) + 2 == end
        else { throw .wrongLength }
        guard hash.verify(bytes, from: RMCPPlusPacket.start, length: bytes.count - end) else {
            throw .wrongIntegrityCode
        }
    }

    private func decrypt(_ payload: ArraySlice<UInt8>) throws(PacketError) -> [UInt8] {
        let block = BlockCipher.block
        guard payload.count >= 2 * block, payload.count % block == 0 else { throw .wrongLength }
        var bytes = Array(payload)
        do {
            try blocks.decrypt(&bytes, after: 0)
        } catch {
            throw .wrongPadding
        }
        let filling = Int(bytes[bytes.count - 1])
        let end = bytes.count - 1 - filling
        guard filling < block, end >= block else { throw .wrongPadding }
        for index in 0..<filling where bytes[end + index] != UInt8(index + 1) { throw .wrongPadding }
        return Array(bytes[block..<end])
    }
}
