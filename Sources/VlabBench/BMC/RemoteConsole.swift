import Crypto
import IPMI

/// A client that does nothing but load a BMC: suite 3 (HMAC-SHA1, AES-128), one question at a time.
///
/// A value without a socket: it says what to send, and is told what came.
struct RemoteConsole {
    /// What it waits for.
    private enum Stage { case nothing, openSession, challenge, proof, level, answer, end }

    /// The BMC said no.
    struct Refusal: Error { var status: UInt8 }

    private static let id: [UInt8] = [0xA4, 0xA3, 0xA2, 0xA0]
    /// A load does not need secrets: the same vector and random number serve every time.
    private static let random = [UInt8](1...16)
    /// Administrator, looked up by name alone (IPMI 2.0 §13.20).
    private static let role: UInt8 = 0x14
    /// Both sides pad passwords to twenty bytes (IPMI 2.0 §13.31).
    private static let passwordLength = 20
    private static let algorithms: [UInt8] = [
        0, 0, 0, 8, 1, 0, 0, 0, 1, 0, 0, 8, 1, 0, 0, 0, 2, 0, 0, 8, 1, 0, 0, 0,
    ]

    private let name: [UInt8]
    private let key: SymmetricKey
    private var stage = Stage.nothing
    private var managedID: [UInt8] = []
    private var managedRandom: [UInt8] = []
    private var cipher: SessionCipher?
    private var sequence: UInt32 = 0

    init(_ account: Account) {
        name = Array(account.name.utf8)
        let password = Array(account.password.utf8)
        key = SymmetricKey(
            data: password + [UInt8](repeating: 0, count: Self.passwordLength - password.count)
        )
    }

    /// Also while something is under way in it.
    var hasSession: Bool { cipher != nil }
    var isLoggedIn: Bool { cipher != nil && stage == .nothing }

    // MARK: What to send

    /// Begins a log-in, at the end of which it is administrator.
    mutating func logIn() -> [UInt8] {
        (stage, cipher, sequence) = (.openSession, nil, 0)
        return Self.outside(0x10, [0, 4, 0, 0] + Self.id + Self.algorithms)
    }

    mutating func command(_ function: UInt8, _ code: UInt8, _ data: [UInt8] = []) throws -> [UInt8] {
        stage = .answer
        return try sealed(function, code, data)
    }

    /// Close Session (IPMI 2.0 §22.19).
    mutating func logOut() throws -> [UInt8] {
        stage = .end
        return try sealed(0x06, 0x3C, managedID)
    }

    /// Many packets with the same command, made before it matters how long that takes.
    mutating func prepare(_ count: Int, _ function: UInt8, _ code: UInt8) throws -> [[UInt8]] {
        try (0..<count).map { _ in try sealed(function, code, []) }
    }

    /// That many of the prepared packets are not sent after all: their numbers are free again.
    mutating func drop(_ count: Int) { sequence -= UInt32(count) }

    // MARK: What came

    /// Takes an answer; gives what to send next in the same matter, nil when that is done.
    mutating func receive(_ datagram: [UInt8]) throws -> [UInt8]? {
        switch stage {
        case .nothing: return nil
        case .openSession:
            let opened = try Self.payload(datagram, of: 0x11)
            managedID = Array(opened[8..<12])
            stage = .challenge
            let role = [Self.role, 0, 0, UInt8(name.count)]
            return Self.outside(0x12, [1, 0, 0, 0] + managedID + Self.random + role + name)
        case .challenge:
            managedRandom = Array(try Self.payload(datagram, of: 0x13)[8..<24])
            stage = .proof
            let proof = Self.code(managedRandom + Self.id + [Self.role, UInt8(name.count)] + name, key)
            return Self.outside(0x14, [3, 0, 0, 0] + managedID + proof)
        case .proof:
            _ = try Self.payload(datagram, of: 0x15)
            let identity = Self.random + managedRandom + [Self.role, UInt8(name.count)] + name
            let sessionKey = SymmetricKey(data: Self.code(identity, key))
            cipher = SessionCipher(
                suite: .sha1SignedEncrypted,
                integrityKey: Self.code([UInt8](repeating: 1, count: 20), sessionKey),
                confidentialityKey: Self.code([UInt8](repeating: 2, count: 20), sessionKey)
            )
            stage = .level
            // Set Session Privilege Level (IPMI 2.0 §22.18): administrator.
            return try sealed(0x06, 0x3B, [4])
        case .level, .answer:
            try check(datagram)
        case .end:
            try check(datagram)
            cipher = nil
        }
        stage = .nothing
        return nil
    }

    /// An answer must be one to this session, and say that it was done.
    func check(_ datagram: [UInt8]) throws {
        guard let cipher, case .rmcpPlus(let packet) = try Datagram(decoding: datagram) else {
            throw BenchError("not an answer in the session")
        }
        let answer = try cipher.open(packet)
        guard answer.count > 6 else { throw BenchError("an answer of \(answer.count) bytes") }
        guard answer[6] == 0 else { throw Refusal(status: answer[6]) }
    }

    // MARK: Packets

    private mutating func sealed(_ function: UInt8, _ code: UInt8, _ data: [UInt8]) throws -> [UInt8] {
        guard let cipher else { throw BenchError("not logged in") }
        sequence += 1
        let request = Request(function: function, code: code, data: data, sequence: UInt8(sequence & 0x3F))
        return try cipher.seal(
            .message,
            request.encoded,
            session: managedID.reversed().reduce(0) { $0 << 8 | UInt32($1) },
            sequence: sequence,
            vector: Self.random
        )
    }

    /// A payload outside a session.
    private static func outside(_ type: UInt8, _ payload: [UInt8]) -> [UInt8] {
        let header: [UInt8] = [0x06, 0x00, 0xFF, 0x07, 0x06, type, 0, 0, 0, 0, 0, 0, 0, 0]
        return header + [UInt8(payload.count & 0xFF), UInt8(payload.count >> 8)] + payload
    }

    private static func payload(_ datagram: [UInt8], of type: UInt8) throws -> [UInt8] {
        let payload = Array(datagram.dropFirst(16))
        guard payload.count >= 2, datagram[5] & 0x3F == type else {
            throw BenchError("not the answer to a log-in: \(datagram.prefix(24))")
        }
        guard payload[1] == 0 else { throw Refusal(status: payload[1]) }
        guard payload.count >= (type == 0x13 ? 40 : type == 0x11 ? 12 : 2) else {
            throw BenchError("too short an answer to a log-in: \(datagram.prefix(24))")
        }
        return payload
    }

    private static func code(_ bytes: [UInt8], _ key: SymmetricKey) -> [UInt8] {
        Array(HMAC<Insecure.SHA1>.authenticationCode(for: bytes, using: key))
    }
}
