// What becomes of datagrams, in and out.
extension Misbehaving {
    /// More late answers than that are lost: a client that asks without end shall not fill the memory.
    private static let mostLate = 1024

    /// Whether a datagram reaches the BMC at all.
    mutating func admits(_ datagram: [UInt8], from client: Client, at now: Duration) -> Bool {
        for index in entries.indices where loses(datagram, index, at: now) {
            bite(index, client)
            return false
        }
        return true
    }

    private mutating func loses(_ datagram: [UInt8], _ index: Int, at now: Duration) -> Bool {
        switch entries[index].misbehaviour {
        case .unreachable: return true
        case .drop(let every):
            entries[index].passed += 1
            return entries[index].passed % every == 0
        case .hang(let after): return entries[index].passed >= after
        case .coldReset(let offline): return now < entries[index].since + offline
        case .onlyVersion15:
            return datagram.count > 4 && datagram[3] == Datagram.ipmi && datagram[4] == RMCPPlusPacket.format
        default: return false
        }
    }

    /// A command is about to be done, after which the BMC may have done its last.
    mutating func counts() {
        for index in entries.indices {
            if case .hang = entries[index].misbehaviour { entries[index].passed += 1 }
        }
    }

    /// What of its actions a BMC comes to do now, and whom it tells that it misbehaved.
    mutating func pass(_ actions: [Action], at now: Duration) -> [Action] {
        var passed: [Action] = []
        for action in actions {
            switch action {
            case .send(let bytes, let client): passed += send(bytes, to: client, at: now)
            case .perform(.control(let control), let ticket):
                passed.append(.perform(.control(firstHalf(of: control, at: now)), ticket))
            default: passed.append(action)
            }
        }
        let bites = takeBites()
        guard !bites.isEmpty else { return passed }
        return passed.map { action in
            guard case .report(var report) = action else { return action }
            report.bites = bites.map(\.kind)
            return .report(report)
        } + bites.map { .bit($0) }
    }

    private mutating func send(_ bytes: [UInt8], to client: Client, at now: Duration) -> [Action] {
        var copies = 1
        if let index = find(.duplicate) {
            copies = 2
            bite(index, client)
        }
        let slow = find { misbehaviour -> Duration? in
            guard case .slow(let delay) = misbehaviour else { return nil }
            return delay
        }
        guard let (index, delay) = slow else {
            return Array(repeating: .send(bytes, to: client), count: copies)
        }
        bite(index, client)
        for _ in 0..<copies where late.count < Self.mostLate { late.append((now + delay, bytes, client)) }
        return []
    }

    /// Late answers whose time it is.
    mutating func sendLate(at now: Duration) -> [Action] {
        let due = late.filter { $0.at <= now }
        guard !due.isEmpty else { return [] }
        late.removeAll { $0.at <= now }
        rest()
        return due.map { .send($0.bytes, to: $0.client) }
    }
}
