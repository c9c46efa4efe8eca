@testable import IPMI

/// Any bytes, taken for each thing that a BMC decodes; what can be decoded must be what it says it is.
struct FuzzedDatagram {
    /// A decoder returned what was not there.
    struct Violation: Error, CustomStringConvertible {
        let description: String
        init(_ description: String) { self.description = description }
    }

    private let ciphers = CipherSuite.allCases.map {
        SessionCipher(
            suite: $0,
            integrityKey: [UInt8](repeating: 1, count: 20),
            confidentialityKey: [UInt8](repeating: 2, count: 20)
        )
    }

    private let authentication = MessageAuthentication(.md5, password: [UInt8](repeating: 3, count: 16))

    func decode(_ bytes: [UInt8]) throws {
        try decodeMessages(bytes)
        // Most bytes are nothing, which is no violation.
        guard let datagram = try? Datagram(decoding: bytes) else { return }
        switch datagram {
        case .ping(let ping):
            if ping.pong.count > 10 * bytes.count { throw Violation("a pong of \(ping.pong.count) bytes") }
        case .v15(let packet):
            guard packet.payload.count <= bytes.count else { throw Violation("more payload than bytes") }
            if authentication?.verify(packet) ?? false {
                throw Violation("a packet of nobody's was believed")
            }
            try decodeMessages(packet.payload)
        case .rmcpPlus(let packet):
            guard packet.payload.count <= bytes.count else { throw Violation("more payload than bytes") }
            try decodeMessages(Array(packet.payload))
            // Nobody has these keys: a signature that is right was guessed.
            for cipher in ciphers where (try? cipher.open(packet)) != nil && cipher.suite.integrity != .none {
                throw Violation("a packet that nobody signed was opened")
            }
        }
    }

    private func decodeMessages(_ bytes: [UInt8]) throws {
        // As above: most bytes are no request.
        if let request = try? Request(decoding: bytes), request.encoded != bytes {
            throw Violation("a request is not what was sent")
        }
        if let open = OpenSessionRequest(decoding: bytes[...]) {
            // A refusal is as good an answer.
            _ = try? open.suite(in: CipherSuites(CipherSuite.allCases), for: .user)
            guard open.refusal(.illegalParameter).count <= bytes.count else {
                throw Violation("a refusal longer than the question")
            }
        }
        if let first = RAKPMessage1(decoding: bytes[...]), first.name.count > bytes.count {
            throw Violation("more name than bytes")
        }
        if let third = RAKPMessage3(decoding: bytes[...]), third.proof.count > bytes.count {
            throw Violation("more proof than bytes")
        }
    }
}
