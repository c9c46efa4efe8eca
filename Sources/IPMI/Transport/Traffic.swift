/// How many packets have come and gone (IPMI 2.0 §23.4, Get IP/UDP/RMCP Statistics).
struct Traffic: Hashable, Sendable {
    private var received: UInt16 = 0
    private var valid: UInt16 = 0
    private var sent: UInt16 = 0

    /// One datagram came, and that became of it.
    mutating func count(_ actions: [Action]) {
        received = Self.next(received)
        var isMalformed = false
        for action in actions {
            switch action {
            case .send: sent = Self.next(sent)
            case .drop(.wrongLength), .drop(.notForUs), .drop(.wrongChecksum): isMalformed = true
            default: break
            }
        }
        if !isMalformed { valid = Self.next(valid) }
    }

    /// A count stays at its end (IPMI 2.0 §23.4).
    private static func next(_ count: UInt16) -> UInt16 { count == .max ? count : count + 1 }

    mutating func statistics(_ data: [UInt8]) throws(CompletionFailure) -> [UInt8] {
        guard data.count == 2 else { throw CompletionFailure(.wrongLength) }
        guard Channel.named(data[0]) != nil else { throw CompletionFailure(.invalidField) }
        // IP packets received, with errors in their header, in their address, fragmented; sent.
        // UDP received; RMCP that were valid; UDP to others, passed on without an answer.
        let counts = [received, 0, 0, 0, sent, received, valid, 0, 0]
        let clears = data[1] & 0x01 != 0
        if clears { self = Traffic() }
        var answer: [UInt8] = []
        for count in counts { answer.append(littleEndian: count) }
        return answer
    }
}
