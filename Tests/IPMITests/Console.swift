import Testing

@testable import IPMI

/// A remote console and the BMC that it talks to, without a network between them unless a test puts one there.
final class Console {
    var bmc: BMC
    var now: Duration = .seconds(1000)
    var isPowered = true
    /// What the machine has used of its processors.
    var processorTime = Duration.zero
    var machine: MachineState {
        MachineState(isPowered: isPowered) { [processorTime] in processorTime }
    }
    var client = Client(address: 0x7F00_0001, port: 40000)
    var link = Link()

    /// What the console knows of its session.
    struct Link {
        var id: UInt32 = 0xA0A2_A3A4
        var managedID: UInt32 = 0
        var cipher: SessionCipher?
        var sequence: UInt32 = 0
        var requests: UInt8 = 0
    }

    /// How to log in.
    struct LogIn {
        var user = "root"
        var password = "secret"
        var suite = CipherSuite.sha1SignedEncrypted
        /// Administrator, search by name only.
        var role: UInt8 = 0x14
        var maximum: UInt8 = 0x04
        var channelKey: [UInt8]?
    }

    static let guid = [UInt8](0xF0...0xFF)
    static let accounts = [
        Account(name: "root", password: "secret"),
        Account(name: "op", password: "op", limit: .operator),
        Account(name: "guest", password: "guest", limit: .user),
    ]

    init(
        accounts: [Account] = accounts,
        suites: [CipherSuite] = CipherSuite.standard,
        limits: SessionTable.Limits = SessionTable.Limits(),
        seed: UInt64 = 1,
        inventory: Inventory = Inventory(guid: guid)
    ) {
        bmc = BMC(
            inventory,
            accounts: accounts,
            suites: suites,
            limits: limits,
            random: Seeded(seed)
        )
    }

    // MARK: Datagrams

    func send(_ datagram: [UInt8]) -> [Action] {
        bmc.receive(datagram, from: client, at: now, machine: machine)
    }

    /// What the BMC sent back, if it did.
    static func answer(_ actions: [Action]) -> [UInt8]? {
        for case .send(let bytes, _) in actions { return bytes }
        return nil
    }

    static func drop(_ actions: [Action]) -> PacketError? {
        for case .drop(let error) in actions { return error }
        return nil
    }

    /// The payload of an answer outside a session.
    static func payload(_ actions: [Action]) throws -> [UInt8] {
        guard case .rmcpPlus(let packet) = try Datagram(decoding: try #require(answer(actions))) else {
            Issue.record("not an RMCP+ packet")
            return []
        }
        return Array(packet.payload)
    }

    // MARK: Logging in

    func openSession(_ logIn: LogIn = LogIn(), tag: UInt8 = 0) -> [UInt8] {
        openSession(
            logIn.suite.authentication.rawValue,
            logIn.suite.integrity.rawValue,
            logIn.suite.confidentiality.rawValue,
            maximum: logIn.maximum,
            tag: tag
        )
    }

    func openSession(
        _ authentication: UInt8,
        _ integrity: UInt8,
        _ confidentiality: UInt8,
        maximum: UInt8 = 0x04,
        tag: UInt8 = 0
    ) -> [UInt8] {
        var payload: [UInt8] = [tag, maximum, 0, 0]
        payload.append(littleEndian: link.id)
        payload += [0, 0, 0, 8, authentication, 0, 0, 0]
        payload += [1, 0, 0, 8, integrity, 0, 0, 0]
        payload += [2, 0, 0, 8, confidentiality, 0, 0, 0]
        return RMCPPlusPacket.encode(.openSessionRequest, payload)
    }

    static let random = [UInt8](0x10...0x1F)

    /// The BMC's session ID in an Open Session Response.
    static func managedID(_ response: [UInt8]) -> UInt32 {
        response[8..<12].reversed().reduce(0) { $0 << 8 | UInt32($1) }
    }

    func rakp1(_ logIn: LogIn = LogIn()) -> [UInt8] {
        var payload: [UInt8] = [1, 0, 0, 0]
        payload.append(littleEndian: link.managedID)
        payload += Self.random + [logIn.role, 0, 0, UInt8(logIn.user.utf8.count)] + Array(logIn.user.utf8)
        return RMCPPlusPacket.encode(.rakp1, payload)
    }

    func rakp3(_ proof: [UInt8], status: UInt8 = 0) -> [UInt8] {
        var payload: [UInt8] = [2, status, 0, 0]
        payload.append(littleEndian: link.managedID)
        return RMCPPlusPacket.encode(.rakp3, payload + proof)
    }

    /// Logs in step by step; the status that ended it, success at the end.
    @discardableResult
    func logIn(_ logIn: LogIn = LogIn()) throws -> UInt8 {
        let opened = try Self.payload(send(openSession(logIn)))
        guard opened[1] == 0 else { return opened[1] }
        try #require(opened.count == 36)
        link.managedID = Self.managedID(opened)
        (link.sequence, link.requests, link.cipher) = (0, 0, nil)
        let challenge = try Self.payload(send(rakp1(logIn)))
        guard challenge[1] == 0 else { return challenge[1] }
        let exchange = exchange(logIn, challenge)
        let final = try Self.payload(send(rakp3(exchange.consoleProof)))
        guard final[1] == 0 else { return final[1] }
        #expect(Array(challenge[40...]) == exchange.managedProof)
        #expect(Array(final[8...]) == exchange.finalProof(exchange.sessionIntegrityKey))
        link.cipher = SessionCipher(exchange, exchange.sessionIntegrityKey)
        return 0
    }

    func exchange(_ logIn: LogIn, _ challenge: [UInt8]) -> KeyExchange {
        KeyExchange(
            suite: logIn.suite,
            consoleID: link.id,
            managedID: link.managedID,
            consoleRandom: Self.random,
            managedRandom: Array(challenge[8..<24]),
            guid: Array(challenge[24..<40]),
            role: logIn.role,
            name: Array(logIn.user.utf8),
            password: Array(logIn.password.utf8),
            channelKey: logIn.channelKey
        )
    }

    // MARK: Commands

    /// The next request, or with `number` a repetition, each in a packet of its own.
    func packet(
        _ function: UInt8,
        _ code: UInt8,
        _ data: [UInt8] = [],
        number: UInt8? = nil
    ) throws -> [UInt8] {
        if number == nil { link.requests = (link.requests + 1) % 64 }
        let request = Request(function: function, code: code, data: data, sequence: number ?? link.requests)
        return try packet(request.encoded)
    }

    func packet(_ message: [UInt8]) throws -> [UInt8] {
        link.sequence += 1
        return try #require(link.cipher)
            .seal(
                .message,
                message,
                session: link.managedID,
                sequence: link.sequence,
                vector: [UInt8](repeating: UInt8(truncatingIfNeeded: link.sequence), count: 16)
            )
    }

    /// An answer.
    struct Answer: Hashable {
        var number: UInt8
        var completion: UInt8
        var data: [UInt8]
    }

    /// What the BMC said in the session.
    func read(_ datagram: [UInt8]) throws -> Answer {
        guard case .rmcpPlus(let packet) = try Datagram(decoding: datagram) else {
            throw PacketError.notForUs
        }
        #expect(packet.session == link.id)
        let message = try #require(link.cipher).open(packet)
        #expect(message[..<3].checksum == 0)
        #expect(message[3...].checksum == 0)
        return Answer(
            number: message[4] >> 2,
            completion: message[6],
            data: Array(message[7..<message.count - 1])
        )
    }

    func read(_ actions: [Action]) throws -> Answer { try read(try #require(Self.answer(actions))) }

    /// One command and its answer; the machine does at once what it is asked.
    func command(_ function: UInt8, _ code: UInt8, _ data: [UInt8] = []) throws -> Answer {
        var actions = send(try packet(function, code, data))
        for case .perform(_, let ticket) in actions {
            actions += bmc.complete(ticket, .success, at: now)
        }
        return try read(actions)
    }

    /// Raises the session to the highest level of its user.
    @discardableResult
    func raise(to level: PrivilegeLevel = .administrator) throws -> Answer {
        try command(0x06, 0x3B, [level.rawValue])
    }

    /// Somebody who is logged in as root.
    static func loggedIn(seed: UInt64 = 1, inventory: Inventory = Inventory(guid: guid)) throws -> Console {
        let console = Console(seed: seed, inventory: inventory)
        #expect(try console.logIn() == 0)
        #expect(try console.raise().completion == 0)
        return console
    }
}
