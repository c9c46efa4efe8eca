import Crypto
import IPMI

/// A client that does nothing but load a BMC: suite 3 (HMAC-SHA1, AES-128), one question at a time.
struct RemoteConsole {
    private static let id: [UInt8] = [0xA4, 0xA3, 0xA2, 0xA0]
    /// A load does not need secrets: the same vector and random number serve every time.
    private static let random = [UInt8](1...16)
    /// Administrator, looked up by name alone (IPMI 2.0 §13.20).
    private static let role: UInt8 = 0x14
    /// Both sides pad passwords to twenty bytes (IPMI 2.0 §13.31).
    private static let passwordLength = 20

    private let peer: DatagramPeer
    private let account: Account
    private var managedID: [UInt8] = []
    private var cipher: SessionCipher?
    private var sequence: UInt32 = 0

    init(port: Int, account: Account) throws {
        peer = try DatagramPeer(port: port)
        self.account = account
    }

    private var session: UInt32 { managedID.reversed().reduce(0) { $0 << 8 | UInt32($1) } }

    /// Opens a session by RAKP and raises it to administrator.
    mutating func logIn() throws {
        let algorithms: [UInt8] = [0, 0, 0, 8, 1, 0, 0, 0, 1, 0, 0, 8, 1, 0, 0, 0, 2, 0, 0, 8, 1, 0, 0, 0]
        let opened = try ask(0x10, [0, 4, 0, 0] + Self.id + algorithms)
        guard opened.count >= 12, opened[1] == 0 else { throw BenchError("no session: \(opened)") }
        managedID = Array(opened[8..<12])
        let name = Array(account.name.utf8)
        let identity = [Self.role, UInt8(name.count)] + name
        let challenge = try ask(
            0x12,
            [1, 0, 0, 0] + managedID + Self.random + [Self.role, 0, 0, UInt8(name.count)] + name
        )
        guard challenge.count >= 40, challenge[1] == 0 else { throw BenchError("RAKP 2: \(challenge)") }
        let managedRandom = Array(challenge[8..<24])
        let password = Array(account.password.utf8)
        let key = SymmetricKey(
            data: password + [UInt8](repeating: 0, count: Self.passwordLength - password.count)
        )
        let proof = Self.code(managedRandom + Self.id + identity, key)
        let end = try ask(0x14, [3, 0, 0, 0] + managedID + proof)
        guard end.count >= 2, end[1] == 0 else { throw BenchError("RAKP 4: \(end)") }
        let sessionKey = SymmetricKey(data: Self.code(Self.random + managedRandom + identity, key))
        cipher = SessionCipher(
            suite: .sha1SignedEncrypted,
            integrityKey: Self.code([UInt8](repeating: 1, count: 20), sessionKey),
            confidentialityKey: Self.code([UInt8](repeating: 2, count: 20), sessionKey)
        )
        sequence = 0
        // Set Session Privilege Level (IPMI 2.0 §22.18): administrator.
        try command(0x06, 0x3B, [4])
    }

    /// One command, which must succeed.
    mutating func command(_ function: UInt8, _ code: UInt8, _ data: [UInt8] = []) throws {
        guard let cipher else { throw BenchError("not logged in") }
        sequence += 1
        let request = Request(function: function, code: code, data: data, sequence: UInt8(sequence & 0x3F))
        let datagram = try cipher.seal(
            .message,
            request.encoded,
            session: session,
            sequence: sequence,
            vector: Self.random
        )
        guard case .rmcpPlus(let packet) = try Datagram(decoding: try peer.ask(datagram)) else {
            throw BenchError("not an answer in the session")
        }
        let answer = try cipher.open(packet)
        guard answer.count > 6, answer[6] == 0 else {
            throw BenchError("command \(function) \(code): completion \(answer.dropFirst(6).first ?? 0xFF)")
        }
    }

    /// Close Session (IPMI 2.0 §22.19).
    mutating func logOut() throws {
        try command(0x06, 0x3C, managedID)
        cipher = nil
    }

    /// A payload outside a session, and the payload of the answer.
    private func ask(_ type: UInt8, _ payload: [UInt8]) throws -> [UInt8] {
        let length = [UInt8(payload.count & 0xFF), UInt8(payload.count >> 8)]
        let header: [UInt8] = [0x06, 0x00, 0xFF, 0x07, 0x06, type, 0, 0, 0, 0, 0, 0, 0, 0]
        return Array(try peer.ask(header + length + payload).dropFirst(16))
    }

    private static func code(_ bytes: [UInt8], _ key: SymmetricKey) -> [UInt8] {
        Array(HMAC<Insecure.SHA1>.authenticationCode(for: bytes, using: key))
    }
}
