@testable import IPMI

/// A BMC that goes through whatever a string of bytes says, watched for what it must never do.
///
/// The bytes are a program: log-ins, commands that are sealed as their session wants it, packets that nobody sealed,
/// time, and what the machine does. Any bytes are a program, so a fuzzer may make up what it likes:
///
///     let fuzzed = FuzzedBMC()
///     try fuzzed.run([0x05, 0x00, …])
///     try fuzzed.finish()
final class FuzzedBMC {
    /// The BMC did what it must never do.
    struct Violation: Error, CustomStringConvertible {
        let description: String
        init(_ description: String) { self.description = description }
    }

    /// One request of a session, by which its repetitions are known.
    struct Asked {
        var number: UInt8
        var function: UInt8
        var code: UInt8
        var data: [UInt8]
        var at: Duration
        var packet: [UInt8]
        var performs = 0
        /// The machine did it.
        var isDone = false

        var isControl: Bool { function == ChassisCommand.function && code == ChassisCommand.control.rawValue }
    }

    /// A console that is logged in, or was.
    struct Seat {
        var console: Console
        var isSigned = false
        /// Of the present session.
        var asked: [Asked] = []
    }

    let bmc: Console
    var seats: [Seat] = []
    var working: [(ticket: Ticket, seat: Int, asked: Int, login: Int)] = []
    /// How many log-ins there were, so that what an old session asked for is not taken for the new one's.
    var logIns = 0
    var logInOfSeat: [Int] = []
    /// Somebody was allowed to change who may log in, and how.
    var mayHaveChangedAccess = false
    var packets = 0

    /// No answer of a BMC is that long.
    static let longest = 400
    /// A repetition within that time is never done again.
    static let memory: Duration = .seconds(5)

    init(suites: [CipherSuite] = CipherSuite.allCases) {
        var limits = SessionTable.Limits()
        // Few, so that they are reached.
        (limits.sessions, limits.logins) = (4, 6)
        bmc = Console(suites: suites, limits: limits)
        for index in 0..<4 {
            let console = Console()
            console.client.port += UInt16(index)
            seats.append(Seat(console: console))
            logInOfSeat.append(0)
        }
    }

    /// How many values the BMC is made of.
    var size: Int { Self.size(of: bmc.bmc) }

    static func size(of value: Any) -> Int {
        Mirror(reflecting: value).children.reduce(1) { $0 + size(of: $1.value) }
    }

    /// Has the BMC report success for what the machine was never asked to do.
    func pretend() throws {
        _ = try logIn(0, Console.LogIn())
        let raise = try seats[0].console.packet(AppCommand.function, 0x3B, [0x04])
        seats[0].asked.append(
            Asked(
                number: 1,
                function: AppCommand.function,
                code: 0x3B,
                data: [0x04],
                at: bmc.now,
                packet: raise
            )
        )
        try send(raise, from: 0)
        let packet = try seats[0].console.packet(ChassisCommand.function, 0x02, [0x03])
        seats[0].asked.append(
            Asked(
                number: 2,
                function: ChassisCommand.function,
                code: 0x02,
                data: [0x03],
                at: bmc.now,
                packet: packet
            )
        )
        try send(packet, from: 0, asked: 1)
        for done in working { try look(at: bmc.bmc.complete(done.ticket, .success, at: bmc.now)) }
    }

    // MARK: The program

    /// Goes through all steps of a program; may be called again, and goes on then.
    func run(_ program: [UInt8]) throws {
        var bytes = ByteReader(program[...])
        while let step = bytes.byte() {
            let seat = Int(step >> 4) % seats.count
            switch step % 16 {
            case 0, 1, 2, 3: try command(seat, &bytes)
            case 4, 5: try logIn(seat, &bytes)
            case 6: try unsealed(seat, bytes.some())
            case 7: try unsealed(seat, Self.plausible(bytes.byte() ?? 0, bytes.some()))
            case 8: try outside(seat, &bytes)
            case 9: try replay(seat, &bytes)
            case 10: try `repeat`(seat)
            case 11: try damage(seat, &bytes)
            case 12: try wait(bytes.byte() ?? 0)
            case 13: try complete(bytes.byte() ?? 0)
            case 14: try machine(bytes.byte() ?? 0)
            default: try otherPayload(seat, &bytes)
            }
            try look()
        }
    }

    /// Afterwards all must be as before: nobody there, everybody welcome.
    func finish() throws {
        while !working.isEmpty { try complete(0) }
        for _ in 0..<4 { try wait(0xFF) }
        guard bmc.bmc.sessions.sessions.isEmpty, bmc.bmc.sessions.logins.isEmpty, bmc.bmc.pending.isEmpty
        else {
            throw Violation("something is left after all that")
        }
        let question = Request(
            function: AppCommand.function,
            code: AppCommand.getChannelAuthenticationCapabilities.rawValue,
            data: [0x8E, 0x04]
        )
        guard Self.answers(try send(V15Packet(payload: question.encoded).encoded, from: 0)).count == 1 else {
            throw Violation("it answers no more")
        }
        if mayHaveChangedAccess { return }
        guard try logIn(0, Console.LogIn()) else { throw Violation("it lets nobody in any more") }
    }

    // MARK: Steps

    func logIn(_ seat: Int, _ bytes: inout ByteReader) throws {
        let choice = bytes.byte() ?? 0
        var logIn = Console.LogIn()
        let account = Console.accounts[Int(choice & 0x03) % Console.accounts.count]
        (logIn.user, logIn.password) = (account.name, account.password)
        if choice & 0x0C == 0x0C { logIn.password = "guess" }
        logIn.suite = CipherSuite.allCases[Int(choice >> 4) % CipherSuite.allCases.count]
        let role = bytes.byte() ?? 0
        if role & 0x80 != 0 { (logIn.role, logIn.maximum) = (role & 0x7F, account.limit.rawValue) }
        let entered = try self.logIn(seat, logIn)
        if entered, logIn.password != account.password { throw Violation("a wrong password let somebody in") }
    }

    /// Whether it was let in.
    func logIn(_ seat: Int, _ logIn: Console.LogIn) throws -> Bool {
        logIns += 1
        let console = seats[seat].console
        console.link = Console.Link()
        console.link.id = 0x1000_0000 + UInt32(logIns)
        seats[seat].asked = []
        logInOfSeat[seat] = logIns
        guard let opened = try payload(send(console.openSession(logIn), from: seat)), opened.count == 36
        else { return false }
        console.link.managedID = Console.managedID(opened)
        guard let challenge = try payload(send(console.rakp1(logIn), from: seat)), challenge.count > 40
        else { return false }
        let exchange = console.exchange(logIn, challenge)
        guard let end = try payload(send(console.rakp3(exchange.consoleProof), from: seat)), end[1] == 0
        else { return false }
        guard logIn.role & 0x0F <= logIn.maximum else { throw Violation("a role above what was agreed on") }
        console.link.cipher = SessionCipher(exchange, exchange.sessionIntegrityKey)
        seats[seat].isSigned = logIn.suite.integrity != .none
        return true
    }

    func command(_ seat: Int, _ bytes: inout ByteReader) throws {
        guard seats[seat].console.link.cipher != nil else {
            return try logIn(seat, Console.LogIn()) ? () : ()
        }
        let function = Self.function(bytes.byte() ?? 0)
        let code = bytes.byte() ?? 0
        let data = bytes.some()
        let console = seats[seat].console
        let packet = try console.packet(function, code, data)
        seats[seat].asked.append(
            Asked(
                number: console.link.requests,
                function: function,
                code: code,
                data: data,
                at: bmc.now,
                packet: packet
            )
        )
        note(function, code)
        try send(packet, from: seat, asked: seats[seat].asked.count - 1)
    }

    /// The functions that a BMC has, most of the time.
    static func function(_ byte: UInt8) -> UInt8 {
        let known: [UInt8] = [0x00, 0x04, 0x06, 0x0A, 0x0C, 0x2C, 0x06, 0x00]
        return byte < 0xE0 ? known[Int(byte) % known.count] : byte & 0x3E
    }

    /// What may lock root out by right.
    func note(_ function: UInt8, _ code: UInt8) {
        let changesAccess: Set<UInt8> = [0x40, 0x43, 0x45, 0x47, 0x56]
        if function == AppCommand.function, changesAccess.contains(code) { mayHaveChangedAccess = true }
        if function == TransportCommand.function, code == 0x01 { mayHaveChangedAccess = true }
    }

    /// The last request once more in a packet of its own, as a console does that heard no answer.
    func `repeat`(_ seat: Int) throws {
        guard let last = seats[seat].asked.last, bmc.now - last.at < Self.memory,
            seats[seat].console.link.cipher != nil
        else { return }
        let packet = try seats[seat].console.packet(last.function, last.code, last.data, number: last.number)
        try send(packet, from: seat, asked: seats[seat].asked.count - 1)
    }

    /// A packet as it was before, perhaps from elsewhere.
    func replay(_ seat: Int, _ bytes: inout ByteReader) throws {
        let which = Int(bytes.byte() ?? 0)
        guard let old = seats[seat].asked.dropLast(which).last else { return }
        let actions = try send(old.packet, from: which % seats.count)
        if actions.contains(where: { if case .perform = $0 { true } else { false } }) {
            throw Violation("a replayed packet was obeyed")
        }
    }

    /// A good packet of which one bit is wrong.
    func damage(_ seat: Int, _ bytes: inout ByteReader) throws {
        guard seats[seat].isSigned, seats[seat].console.link.cipher != nil else { return }
        let place = Int(bytes.byte() ?? 0) | Int(bytes.byte() ?? 0) << 8
        var packet = try seats[seat].console.packet(
            ChassisCommand.function,
            ChassisCommand.control.rawValue,
            [bytes.byte() ?? 0]
        )
        seats[seat].console.link.sequence -= 1
        packet[4 + place / 8 % (packet.count - 4)] ^= 1 << UInt8(place % 8)
        let actions = try send(packet, from: seat)
        if actions.contains(where: { if case .perform = $0 { true } else { false } }) {
            throw Violation("a damaged packet was obeyed")
        }
    }

    /// A request that nobody logged in for.
    func outside(_ seat: Int, _ bytes: inout ByteReader) throws {
        let function = Self.function(bytes.byte() ?? 0)
        let format = bytes.byte() ?? 0
        let message = Request(function: function, code: format & 0x7F, data: bytes.some()).encoded
        try unsealed(
            seat,
            format & 0x80 == 0
                ? V15Packet(payload: message).encoded : RMCPPlusPacket.encode(.message, message)
        )
    }

    /// Makes the bytes look like IPMI at first sight.
    static func plausible(_ kind: UInt8, _ bytes: [UInt8]) -> [UInt8] {
        if kind & 0x80 != 0 { return Datagram.ipmiHeader + bytes }
        let type = RMCPPlusPacket.Payload(rawValue: kind & 0x3F) ?? .rakp1
        return RMCPPlusPacket.encode(type, bytes)
    }

    func unsealed(_ seat: Int, _ datagram: [UInt8]) throws {
        let actions = try send(datagram, from: seat)
        guard seats.allSatisfy({ $0.isSigned || $0.console.link.cipher == nil }) else { return }
        if actions.contains(where: { if case .perform = $0 { true } else { false } }) {
            throw Violation("an unsigned packet was obeyed")
        }
        let answers = Self.answers(actions)
        guard answers.count <= 1, answers.first?.count ?? 0 <= 10 * datagram.count else {
            throw Violation("\(answers.map(\.count)) bytes answer \(datagram.count) that anybody may send")
        }
    }

    /// A sealed payload of any type that is no request.
    func otherPayload(_ seat: Int, _ bytes: inout ByteReader) throws {
        let console = seats[seat].console
        guard let cipher = console.link.cipher,
            let type = RMCPPlusPacket.Payload(rawValue: (bytes.byte() ?? 0) & 0x3F)
        else { return }
        let payload = bytes.some()
        if type == .message, (try? Request(decoding: payload)) != nil { return }  // Wanted is what is none.
        console.link.sequence += 1
        let vector = [UInt8](repeating: UInt8(truncatingIfNeeded: console.link.sequence), count: 16)
        let packet = try cipher.seal(
            type,
            payload,
            session: console.link.managedID,
            sequence: console.link.sequence,
            vector: vector
        )
        let actions = try send(packet, from: seat)
        if type == .message, !Self.answers(actions).isEmpty {
            throw Violation("a message of wrong length or checksum was answered")
        }
    }

    func wait(_ byte: UInt8) throws {
        bmc.now += .milliseconds(1 << (Int(byte) % 20))
        try look(at: bmc.bmc.advance(to: bmc.now))
        // A BMC that wants to be woken for what is past would never sleep.
        if let next = bmc.bmc.nextDeadline, next <= bmc.now {
            throw Violation("it is overdue after its time")
        }
    }

    func complete(_ byte: UInt8) throws {
        guard !working.isEmpty else { return }
        let done = working.remove(at: Int(byte & 0x0F) % working.count)
        let completions: [CompletionCode] = [.success, .success, .unspecified, .notInPresentState, .nodeBusy]
        let completion = completions[Int(byte >> 4) % completions.count]
        if completion == .success, done.seat < seats.count, logInOfSeat[done.seat] == done.login {
            seats[done.seat].asked[done.asked].isDone = true
        }
        try look(at: bmc.bmc.complete(done.ticket, completion, at: bmc.now))
    }

    func machine(_ byte: UInt8) throws {
        switch byte % 5 {
        case 0: bmc.isPowered.toggle()
        case 4:
            for watcher in bmc.bmc.consoleWatchers {
                let printed = [UInt8](repeating: byte, count: Int(byte) * 3)
                try look(at: bmc.bmc.consoleOutput(printed, to: watcher, at: bmc.now))
            }
        case 1: _ = bmc.bmc.boots(RestartCause(rawValue: byte >> 4) ?? .unknown, at: bmc.now)
        case 2: try look(at: bmc.bmc.complete(Ticket(number: UInt64(byte)), .success, at: bmc.now))
        default:
            let operation = Operation.control(ChassisControl(rawValue: byte >> 4) ?? .hardReset)
            let machine = MachineState(isPowered: bmc.isPowered)
            try look(at: bmc.bmc.ask(operation, at: bmc.now, machine: machine).1)
        }
    }
}

extension ByteReader {
    /// A length and so many bytes, as far as there are any.
    fileprivate mutating func some() -> [UInt8] {
        let wanted = Int(byte() ?? 0)
        return Array(bytes(min(wanted, rest.count)) ?? [])
    }
}
