import Crypto

/// Authenticates the packets of a session of IPMI v1.5, both ways (IPMI 2.0 §13.6 and §22.17.1).
struct MessageAuthentication: Sendable {
    let type: AuthenticationType
    /// Sixteen bytes.
    private let password: [UInt8]

    /// Nil for a password that is too long for v1.5.
    init?(_ type: AuthenticationType, password: [UInt8]) {
        guard password.count == User.shortPassword else { return nil }
        (self.type, self.password) = (type, password)
    }

    /// The code of a packet with that payload.
    func code(for payload: [UInt8], session: UInt32, sequence: UInt32) -> [UInt8] {
        switch type {
        case .none, .md2: return []
        case .password: return password
        case .md5:
            var bytes = password
            bytes.append(littleEndian: session)
            bytes += payload
            bytes.append(littleEndian: sequence)
            bytes += password
            return Array(Insecure.MD5.hash(data: bytes))
        }
    }

    /// Whether somebody who knows the password has made that packet.
    func verify(_ packet: V15Packet) -> Bool {
        let code = code(for: packet.payload, session: packet.session, sequence: packet.sequence)
        return packet.type == type && !code.isEmpty && constantTimeEqual(code, packet.code)
    }

    /// The datagram with that payload.
    func seal(_ payload: [UInt8], session: UInt32, sequence: UInt32) -> [UInt8] {
        V15Packet(
            type: type,
            sequence: sequence,
            session: session,
            code: code(for: payload, session: session, sequence: sequence),
            payload: payload
        ).encoded
    }
}
