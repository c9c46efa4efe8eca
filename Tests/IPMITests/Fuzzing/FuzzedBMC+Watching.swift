@testable import IPMI

/// What it looks at after each step.
extension FuzzedBMC {
    /// Sends a datagram; `asked` is the request in it.
    @discardableResult
    func send(_ datagram: [UInt8], from seat: Int, asked: Int? = nil) throws -> [Action] {
        packets += 1
        try look(at: bmc.bmc.advance(to: bmc.now))
        bmc.client = seats[seat].console.client
        let actions = bmc.send(datagram)
        try look(at: actions, seat: seat, asked: asked)
        return actions
    }

    func look(at actions: [Action], seat: Int? = nil, asked: Int? = nil) throws {
        for action in actions {
            switch action {
            case .send(let bytes, _): try read(bytes)
            case .perform(_, let ticket):
                if let seat, let asked {
                    seats[seat].asked[asked].performs += 1
                    if seats[seat].asked[asked].performs > 1 { throw Violation("one request was done twice") }
                }
                working.append((ticket, seat ?? .max, asked ?? 0, seat.map { logInOfSeat[$0] } ?? 0))
            case .settled, .forgetBoot, .identify, .type, .sendBreak, .report, .bit, .drop: break
            }
        }
    }

    /// An answer in a session that says «done» of something that was not done is a lie.
    func read(_ bytes: [UInt8]) throws {
        if bytes.count > Self.longest { throw Violation("an answer of \(bytes.count) bytes") }
        guard case .rmcpPlus(let packet) = try? Datagram(decoding: bytes), packet.type == .message,
            let seat = seats.firstIndex(where: { $0.console.link.id == packet.session }),
            // What comes outside a session, or late for an earlier one, cannot be opened.
            let message = try? seats[seat].console.link.cipher?.open(packet)
        else { return }
        guard message.count >= 8, message[..<3].checksum == 0, message[3...].checksum == 0 else {
            throw Violation("an answer that is no message")
        }
        let asked = seats[seat].asked.filter { $0.number == message[4] >> 2 && $0.code == message[5] }
        guard !asked.isEmpty else { throw Violation("an answer to what nobody asked") }
        if message[6] == 0, asked.allSatisfy(\.isControl), !asked.contains(where: \.isDone) {
            throw Violation("success was reported for power that was not switched")
        }
    }

    /// What it keeps stays within limits.
    func look() throws {
        let table = bmc.bmc.sessions
        guard table.sessions.count <= table.limits.sessions, table.logins.count <= table.limits.logins,
            bmc.bmc.pending.count <= 2
        else { throw Violation("it keeps more than it may") }
    }

    func payload(_ actions: [Action]) -> [UInt8]? {
        guard let bytes = Console.answer(actions),
            // Anything else is no answer to a log-in.
            case .rmcpPlus(let packet) = try? Datagram(decoding: bytes), packet.payload.count >= 2
        else { return nil }
        return Array(packet.payload)
    }

    static func answers(_ actions: [Action]) -> [[UInt8]] {
        actions.compactMap { if case .send(let bytes, _) = $0 { bytes } else { nil } }
    }
}
