import LabModel

/// What the packet filter is told so that it refuses connections: a value, of which each change gives the commands for it.
///
/// Each refusal has chains of its own, one for each client that has turns of its own, and they stay as long as it does: the
/// filter counts the turns itself, packet by packet, so that «the first two» are two however many come at once.
struct RefusalTable {
    /// The group under which the filter tells of what it refused (NFLOG).
    static let group: UInt16 = 53
    static let table = "inet vlab_gateway"
    /// Where the packets of nodes come by, and those of the jump host itself.
    static let (nodes, engine) = ("refusals_nodes", "refusals_engine")

    private struct Entry {
        var refusal: Refusal
        var number: Int
    }

    /// The cards of each node.
    private let cards: [String: [MACAddress]]
    private var entries: [Entry] = []
    private var next = 1

    init(cards: [String: [MACAddress]]) { self.cards = cards }

    /// What the filter's log calls each refusal.
    var labels: [String: String] {
        Dictionary(entries.map { ("\($0.number)", $0.refusal.id) }) { first, _ in first }
    }

    /// The commands after which those are refused and no others.
    mutating func change(to refusals: [Refusal]) -> String {
        var lines = ["flush chain \(Self.table) \(Self.nodes)", "flush chain \(Self.table) \(Self.engine)"]
        let wanted = Set(refusals.map(\.id))
        for gone in entries where !wanted.contains(gone.refusal.id) { lines += remove(gone) }
        entries.removeAll { !wanted.contains($0.refusal.id) }
        for refusal in refusals {
            if let index = entries.firstIndex(where: { $0.refusal.id == refusal.id }) {
                entries[index].refusal = refusal
            } else {
                let entry = Entry(refusal: refusal, number: next)
                next += 1
                entries.append(entry)
                lines += add(entry)
            }
        }
        for entry in entries { lines += lead(to: entry) }
        return lines.joined(separator: "\n") + "\n"
    }

    /// The parts that turns are counted in: each node's, the jump host's, and those of all others.
    private var clients: [String] { cards.keys.sorted() }
    private static let (jumpHost, others) = ("engine", "others")

    private func chain(_ entry: Entry, _ part: String?) -> String {
        "refusal_\(entry.number)" + (part.map { "_\($0)" } ?? "")
    }

    /// The chains of an entry, with the client whose turns each counts.
    private func chains(_ entry: Entry) -> [(name: String, client: String?)] {
        guard entry.refusal.isPerClient else { return [(chain(entry, nil), nil)] }
        return clients.enumerated().map { (chain(entry, "\($0)"), $1) } + [
            (chain(entry, Self.jumpHost), Self.jumpHost), (chain(entry, Self.others), Self.others),
        ]
    }

    private func add(_ entry: Entry) -> [String] {
        chains(entry).flatMap { name, client in
            let chain = "add chain \(Self.table) \(name)"
            guard let turns = Self.turns(entry.refusal.turns(client)) else { return [chain] }
            let act = "log prefix \"\(entry.number)\" group \(Self.group) counter reject with tcp reset"
            return [chain, "add rule \(Self.table) \(name) \(turns)\(act)"]
        }
    }

    private func remove(_ entry: Entry) -> [String] {
        chains(entry).flatMap { name, _ in
            ["flush chain \(Self.table) \(name)", "delete chain \(Self.table) \(name)"]
        }
    }

    /// Whether it is the packet's turn, by a generator that counts from 0; nil when nobody's turn ever comes.
    private static func turns(_ turns: Refusal.Turns) -> String? {
        // As long a row as there is: it does not begin again.
        let row = UInt32.max
        switch turns {
        case .all: return ""
        case .first(let count): return count > 0 ? "numgen inc mod \(row) < \(count) " : nil
        case .nth(let number): return number > 0 ? "numgen inc mod \(row) == \(number - 1) " : nil
        case .every(let step): return "numgen inc mod \(max(1, step)) == \(max(1, step) - 1) "
        case .places(let places, let count):
            let set = places.sorted().map(String.init).joined(separator: ", ")
            return places.isEmpty ? nil : "numgen inc mod \(count) { \(set) } "
        }
    }

    /// From the filter to the entry's chains, by who sends the packet and where it goes.
    private func lead(to entry: Entry) -> [String] {
        let refusal = entry.refusal
        let port = refusal.port.map { "tcp dport \($0) " } ?? ""
        return Self.places("daddr", refusal.servers).flatMap { server in
            let target = "\(server)\(port)jump "
            let fromNodes = senders(refusal).map { sender, part in
                "add rule \(Self.table) \(Self.nodes) \(sender)\(target)\(chain(entry, refusal.isPerClient ? part : nil))"
            }
            let part = refusal.isPerClient ? Self.jumpHost : nil
            let fromEngine = Self.places(
                "saddr",
                refusal.clients.map { Set($0.compactMap { IPAddress($0) }) }
            ).map {
                "add rule \(Self.table) \(Self.engine) \($0)\(target)\(chain(entry, part))"
            }
            return fromNodes + fromEngine
        }
    }

    /// Whose packets, and in which part they are counted.
    private func senders(_ refusal: Refusal) -> [(match: String, part: String)] {
        let all = clients.enumerated().compactMap { number, name -> (String, String)? in
            guard refusal.clients?.contains(name) ?? true, let own = cards[name], !own.isEmpty else {
                return nil
            }
            return ("ether saddr { \(own.map(\.description).joined(separator: ", ")) } ", "\(number)")
        }
        guard let wanted = refusal.clients else {
            let known = cards.values.flatMap(\.self).map(\.description).sorted()
            let rest = known.isEmpty ? "" : "ether saddr != { \(known.joined(separator: ", ")) } "
            return refusal.isPerClient ? all + [(rest, Self.others)] : [("", Self.others)]
        }
        let addresses = Set(wanted.compactMap { IPAddress($0) })
        return all + (addresses.isEmpty ? [] : Self.places("saddr", addresses).map { ($0, Self.others) })
    }

    /// The expression that finds such an address, for each family that has one; nil is any, and no address is none.
    private static func places(_ field: String, _ addresses: Set<IPAddress>?) -> [String] {
        guard let addresses else { return [""] }
        let sorted = addresses.sorted()
        let v4 = sorted.filter { if case .v4 = $0 { true } else { false } }
        let v6 = sorted.filter { if case .v6 = $0 { true } else { false } }
        return [("ip", v4), ("ip6", v6)].filter { !$0.1.isEmpty }.map { family, addresses in
            "\(family) \(field) { \(addresses.map(\.description).joined(separator: ", ")) } "
        }
    }
}
