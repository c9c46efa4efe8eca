import LabModel
import Synchronization

/// Keeps the packet filter up to date with the rules by which nobody is there, and tells whom it turned away.
///
/// What it does not manage is left to the connection, which is then reset as soon as it stands.
final class RefusalDesk: Sendable {
    private struct State {
        var wanted = 0
        /// Set when the filter has what is wanted; nil when it has.
        var pending: Latch<Void>?
        var isOver = false
    }

    private let filter: any PacketFilter
    private let rules: RuleBook
    private let outside: OutsideNames
    private let reporter: Reporter
    private let state = Mutex(State())
    private let changes: AsyncStream<Void>
    private let changed: AsyncStream<Void>.Continuation

    init(_ filter: any PacketFilter, _ rules: RuleBook, _ outside: OutsideNames, _ reporter: Reporter) {
        (self.filter, self.rules, self.outside, self.reporter) = (filter, rules, outside, reporter)
        (changes, changed) = AsyncStream.makeStream(bufferingPolicy: .bufferingNewest(1))
    }

    /// Something was installed or healed.
    func change() {
        let isOver = state.withLock { state in
            state.wanted += 1
            if !state.isOver, state.pending == nil { state.pending = Latch() }
            return state.isOver
        }
        if !isOver { changed.yield() }
    }

    /// A name outside has an address from now on, which some rule may be about.
    func learn(_ name: String) {
        let isMatched = rules.refusals.contains { $0.rule.match.host?.matches(name) ?? false }
        if isMatched { change() }
    }

    /// Set when the filter has what is wanted of it; nil when it has already.
    var pending: Latch<Void>? { state.withLock { $0.pending } }

    /// Until cancelled.
    func run() async {
        // Before anything is refused, so that the first refusal is heard of too.
        let refused = await listen()
        await withDiscardingTaskGroup { group in
            if let refused { group.addTask { await self.tell(of: refused) } }
            for await _ in changes { await update() }
            group.cancelAll()
        }
        let pending = state.withLock { state in
            state.isOver = true
            return state.pending.take()
        }
        pending?.set(())
    }

    private func update() async {
        let version = state.withLock { $0.wanted }
        let entries = rules.refusals
        do {
            try await filter.refuse(entries.map(refusal))
            for entry in entries { entry.armed.isFiltered = true }
        } catch {
            for entry in entries { entry.armed.isFiltered = false }
            reporter.events(LabEvent("filter.failed", ["reason": "\(error)"]))
        }
        let pending = state.withLock { state in
            state.wanted == version ? state.pending.take() : nil
        }
        pending?.set(())
    }

    /// Nil when the filter does not tell.
    private func listen() async -> AsyncStream<Refusal.Event>? {
        do {
            return try await filter.refused()
        } catch {
            reporter.events(LabEvent("filter.failed", ["reason": "\(error)"]))
            return nil
        }
    }

    private func tell(of refused: AsyncStream<Refusal.Event>) async {
        for await event in refused {
            guard let armed = rules.refusals.first(where: { "\($0.number)" == event.id })?.armed else {
                continue
            }
            let client = reporter.client(at: event.client)
            var details: LabEvent.Details = ["address": "\(event.server)", "port": "\(event.port)"]
            details["name"] = outside.name(at: event.server)
            armed.landed(client: client, details)
            details["reason"] = "refused by fault \(armed.id)"
            details["faults"] = armed.id
            reporter.report("tcp.refused", client, details)
        }
    }

    private func refusal(_ entry: RuleBook.Entry) -> Refusal {
        let (match, occurrence) = (entry.rule.match, entry.rule.occurrence)
        return Refusal(
            id: "\(entry.number)",
            port: match.port,
            servers: match.host.map { servers($0) },
            clients: match.clients,
            isPerClient: occurrence.isPerClient
        ) { occurrence.turns(of: $0) }
    }

    /// All addresses of names that fit; an address is a name of itself.
    private func servers(_ pattern: TextPattern) -> Set<IPAddress> {
        let named = outside.names.filter { pattern.matches($0) }.flatMap { outside.addresses(of: $0) }
        return Set(named + [IPAddress(pattern.description)].compactMap(\.self))
    }
}

extension Occurrence {
    /// The same, for who can count and no more: a part of all becomes a row that begins again.
    fileprivate func turns(of client: String?) -> Refusal.Turns {
        let row = 1024
        return switch self {
        case .always: .all
        case .first(let count, _): .first(count)
        case .nth(let number, _): .nth(number)
        case .every(let step, _): .every(step)
        case .probability: .places(Set((0..<row).filter { bites($0 + 1, of: client) }), of: row)
        }
    }
}
