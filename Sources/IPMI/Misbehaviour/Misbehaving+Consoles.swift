// What becomes of consoles over LAN.
extension Misbehaving {
    /// Whether a console that is about to get so many packets is taken away instead.
    mutating func takesConsole(before packets: Int, from client: Client) -> Bool {
        let drops = find { misbehaviour -> Int? in
            guard case .consoleDrops(let after) = misbehaviour else { return nil }
            return after
        }
        guard let (index, after) = drops, packets > 0 else { return false }
        entries[index].passed += packets
        guard entries[index].passed > after else { return false }
        entries[index].passed = 0
        bite(index, client)
        return true
    }

    /// The answer to a console that is not the first; nil lets it in.
    mutating func refusalOfSecondConsole(_ client: Client) -> Outcome? {
        guard let index = find(.secondConsoleRefused) else { return nil }
        bite(index, client)
        return .reply(.payloadActive)
    }
}
