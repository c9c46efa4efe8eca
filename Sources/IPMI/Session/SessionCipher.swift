import Crypto
import CryptoExtras
import Foundation

/// Signs and encrypts the packets of one session, and verifies and decrypts them (IPMI 2.0 §13.28).
package struct SessionCipher: Sendable {
    package let suite: CipherSuite
    private let hash: KeyedHash
    /// K_1.
    private let integrityKey: SymmetricKey
    /// K_2, as much of it as AES-128 takes.
    private let confidentialityKey: SymmetricKey

    private static let block = 16
    /// The «next header» of every RMCP+ packet (IPMI 2.0 §13.6).
    private static let nextHeader: UInt8 = 0x07

    package init(suite: CipherSuite, integrityKey: [UInt8], confidentialityKey: [UInt8]) {
        self.suite = suite
        hash = KeyedHash(suite.authentication)
        self.integrityKey = SymmetricKey(data: integrityKey)
        self.confidentialityKey = SymmetricKey(data: confidentialityKey.prefix(Self.block))
    }

    init(_ exchange: KeyExchange, _ sessionIntegrityKey: SymmetricKey) {
        self.init(
            suite: exchange.suite,
            integrityKey: exchange.additionalKey(1, from: sessionIntegrityKey),
            confidentialityKey: exchange.additionalKey(2, from: sessionIntegrityKey)
        )
    }

    /// The datagram with that payload for the other side, whose session ID it is.
    package func seal(
        _ type: RMCPPlusPacket.Payload,
        _ payload: [UInt8],
        session: UInt32,
        sequence: UInt32,
        vector: [UInt8]
    ) throws(PacketError) -> [UInt8] {
        let encrypts = suite.confidentiality != .none
        let signs = suite.integrity != .none
        var bytes = RMCPPlusPacket.encode(
            type,
            encrypts ? try encrypt(payload, vector: vector) : payload,
            session: session,
            sequence: sequence,
            encrypted: encrypts,
            authenticated: signs
        )
        guard signs else { return bytes }
        // Padded so that what is signed is a multiple of four bytes.
        let padding = (4 - (bytes.count - RMCPPlusPacket.start + 2) % 4) % 4
        bytes += repeatElement(0xFF, count: padding)
        bytes += [UInt8(padding), Self.nextHeader]
        return bytes + code(for: bytes[RMCPPlusPacket.start...])
    }

    /// The packet's payload, if the other side of this session has sent it.
    package func open(_ packet: RMCPPlusPacket) throws(PacketError) -> [UInt8] {
        guard packet.isAuthenticated == (suite.integrity != .none),
            packet.isEncrypted == (suite.confidentiality != .none)
        else { throw .wrongProtection }
        if packet.isAuthenticated { try verify(packet) }
        return packet.isEncrypted ? try decrypt(packet.payload) : Array(packet.payload)
    }

    private func code(for bytes: ArraySlice<UInt8>) -> ArraySlice<UInt8> {
        hash.code(for: bytes, key: integrityKey).prefix(suite.integrity.codeLength)
    }

    private func verify(_ packet: RMCPPlusPacket) throws(PacketError) {
        let bytes = packet.datagram
        let end = bytes.count - suite.integrity.codeLength
        guard end - 2 >= packet.payload.endIndex else { throw .wrongLength }
        guard bytes[end - 1] == Self.nextHeader,
            packet.payload.endIndex + Int(bytes[end - 2]) + 2 == end
        else { throw .wrongLength }
        guard constantTimeEqual(code(for: bytes[RMCPPlusPacket.start..<end]), bytes[end...]) else {
            throw .wrongIntegrityCode
        }
    }

    /// IPMI 2.0 §13.29: vector, then payload, 01h 02h 03h … and how many of them, a multiple of the block in all.
    private func encrypt(_ payload: [UInt8], vector: [UInt8]) throws(PacketError) -> [UInt8] {
        let padding = (Self.block - (payload.count + 1) % Self.block) % Self.block
        let clear = payload + (0..<UInt8(padding)).map { $0 + 1 } + [UInt8(padding)]
        do {
            let sealed = try AES._CBC.encrypt(
                clear,
                using: confidentialityKey,
                iv: AES._CBC.IV(ivBytes: vector),
                noPadding: true
            )
            return vector + sealed
        } catch {
            throw .wrongPadding
        }
    }

    private func decrypt(_ payload: ArraySlice<UInt8>) throws(PacketError) -> [UInt8] {
        guard payload.count >= 2 * Self.block, payload.count % Self.block == 0 else { throw .wrongLength }
        let clear: [UInt8]
        do {
            clear = try Array(
                AES._CBC.decrypt(
                    Array(payload.dropFirst(Self.block)),
                    using: confidentialityKey,
                    iv: AES._CBC.IV(ivBytes: payload.prefix(Self.block)),
                    noPadding: true
                )
            )
        } catch {
            throw .wrongPadding
        }
        guard let padding = clear.last.map(Int.init), padding < clear.count, padding < Self.block else {
            throw .wrongPadding
        }
        let content = clear.dropLast(padding + 1)
        guard clear[content.endIndex..<clear.count - 1].elementsEqual((0..<UInt8(padding)).map { $0 + 1 })
        else { throw .wrongPadding }
        return Array(content)
    }
}
