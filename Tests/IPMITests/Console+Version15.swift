import Testing

@testable import IPMI

/// What the console knows of a session of IPMI v1.5.
struct Link15 {
    var authentication: MessageAuthentication
    var id: UInt32
    var challenge: [UInt8] = []
    /// The number of the next packet to the BMC.
    var next: UInt32 = 0
    var requests: UInt8 = 0
    var level: UInt8 = 0

    /// The first number that the BMC's packets shall have.
    static let firstOut: UInt32 = 0x0000_0041
}

extension Console {
    /// How to log in by v1.5.
    struct LogIn15 {
        var user = "root"
        var password = "secret"
        var type = AuthenticationType.md5
        var level: UInt8 = 0x04
    }

    func outside(_ code: UInt8, _ data: [UInt8]) throws -> Answer {
        let request = Request(function: 0x06, code: code, data: data, sequence: 1)
        let answer = try #require(Console.answer(send(V15Packet(payload: request.encoded).encoded)))
        return try Self.answer15(answer)
    }

    /// An answer in the format of v1.5.
    static func answer15(_ datagram: [UInt8]) throws -> Answer {
        guard case .v15(let packet) = try Datagram(decoding: datagram) else { throw PacketError.notForUs }
        let message = packet.payload
        #expect(message[..<3].checksum == 0)
        #expect(message[3...].checksum == 0)
        return Answer(
            number: message[4] >> 2,
            completion: message[6],
            data: Array(message[7..<message.count - 1])
        )
    }

    func challenge15(_ logIn: LogIn15 = LogIn15()) throws -> (completion: UInt8, link: Link15?) {
        let name = Array(logIn.user.utf8)
        let filled = name + [UInt8](repeating: 0, count: 16 - name.count)
        let answer = try outside(0x39, [logIn.type.rawValue] + filled)
        guard answer.completion == 0 else { return (answer.completion, nil) }
        #expect(answer.data.count == 20)
        let password = Array(logIn.password.utf8)
        let link = Link15(
            authentication: try #require(
                MessageAuthentication(
                    logIn.type,
                    password: password + [UInt8](repeating: 0, count: 16 - password.count)
                )
            ),
            id: answer.data.littleEndian32(at: 0),
            challenge: Array(answer.data[4...])
        )
        return (0, link)
    }

    /// The packet that activates a session.
    func activation15(_ link: Link15, level: UInt8 = 0x04, firstOut: UInt32 = Link15.firstOut) -> [UInt8] {
        var data = [link.authentication.type.rawValue, level] + link.challenge
        data.append(littleEndian: firstOut)
        let request = Request(function: 0x06, code: 0x3A, data: data, sequence: 2)
        return link.authentication.seal(request.encoded, session: link.id, sequence: 0)
    }

    /// Logs in; the completion code that ended it, and the session if there is one.
    func logIn15(_ logIn: LogIn15 = LogIn15()) throws -> (completion: UInt8, link: Link15?) {
        let (completion, challenged) = try challenge15(logIn)
        guard var link = challenged else { return (completion, nil) }
        let actions = send(activation15(link, level: logIn.level))
        let answer = try Self.answer15(try #require(Console.answer(actions)))
        guard answer.completion == 0 else { return (answer.completion, nil) }
        #expect(answer.data.littleEndian32(at: 1) == link.id)
        #expect(
            answer.data[0] == logIn.type.rawValue || bmc.sessions.access.isPerMessageAuthenticationDisabled
        )
        (link.next, link.level) = (answer.data.littleEndian32(at: 5), answer.data[9])
        return (0, link)
    }

    /// The next packet of a session.
    func packet15(
        _ link: inout Link15,
        _ function: UInt8,
        _ code: UInt8,
        _ data: [UInt8] = [],
        bare: Bool = false
    ) -> [UInt8] {
        link.requests = (link.requests + 1) % 64
        let message = Request(function: function, code: code, data: data, sequence: link.requests).encoded
        let sequence = link.next
        link.next += 1
        guard bare else { return link.authentication.seal(message, session: link.id, sequence: sequence) }
        return V15Packet(type: .none, sequence: sequence, session: link.id, code: [], payload: message)
            .encoded
    }

    /// One command and its answer, which must be authenticated; the machine does at once what it is asked.
    func command15(
        _ link: inout Link15,
        _ function: UInt8,
        _ code: UInt8,
        _ data: [UInt8] = []
    ) throws -> Answer {
        var actions = send(packet15(&link, function, code, data))
        for case .perform(_, let ticket) in actions { actions += bmc.complete(ticket, .success, at: now) }
        let datagram = try #require(Console.answer(actions))
        guard case .v15(let packet) = try Datagram(decoding: datagram) else { throw PacketError.notForUs }
        #expect(packet.session == link.id)
        #expect(link.authentication.verify(packet))
        return try Self.answer15(datagram)
    }
}
