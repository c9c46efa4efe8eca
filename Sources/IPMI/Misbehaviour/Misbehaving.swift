/// What a BMC does wrong at present, and how often each of it has bitten.
///
/// A BMC that behaves is asked one question a datagram: whether anything here is at work.
package struct Misbehaving: Sendable {
    /// One misbehaviour that was set.
    package struct Entry: Sendable {
        package var misbehaviour: Misbehaviour
        package var author: Misbehaviour.Author
        /// How often it has bitten.
        package internal(set) var bites = 0
        let since: Duration
        /// What it has let pass so far.
        var passed = 0
    }

    package internal(set) var entries: [Entry] = []
    /// False for a BMC that behaves, and has nothing left to do of what it did wrong.
    private(set) var isAtWork = false
    /// Bites that nobody was told of yet.
    private var untold: [Bite] = []
    /// Answers that come late, oldest first.
    var late: [(at: Duration, bytes: [UInt8], client: Client)] = []
    /// When a slow power cycle comes to its second half.
    var powerUp: Duration?
    /// What the power was when it was last looked at, and since when.
    var power: (isOn: Bool, since: Duration)?

    /// Sets one; the same kind by the same author gives way.
    mutating func set(_ misbehaviour: Misbehaviour, by author: Misbehaviour.Author, at now: Duration) {
        remove(misbehaviour.kind, by: author)
        entries.append(Entry(misbehaviour: misbehaviour, author: author, since: now))
        isAtWork = true
    }

    /// Takes back what an author set: all of it, or one kind.
    mutating func remove(_ kind: String?, by author: Misbehaviour.Author) {
        entries.removeAll { $0.author == author && (kind == nil || $0.misbehaviour.kind == kind) }
        rest()
    }

    /// Nothing is asked any more once nothing is left.
    func isLeft() -> Bool { !entries.isEmpty || !late.isEmpty || powerUp != nil || !untold.isEmpty }
    mutating func rest() { isAtWork = isLeft() }

    /// What one of those at work is asked about, the newest first.
    func find<Value>(_ pick: (Misbehaviour) -> Value?) -> (index: Int, value: Value)? {
        for index in entries.indices.reversed() {
            if let value = pick(entries[index].misbehaviour) { return (index, value) }
        }
        return nil
    }

    func find(_ misbehaviour: Misbehaviour) -> Int? {
        entries.lastIndex { $0.misbehaviour == misbehaviour }
    }

    /// It has made a difference.
    mutating func bite(_ index: Int, _ client: Client? = nil) {
        entries[index].bites += 1
        untold.append(
            Bite(
                kind: entries[index].misbehaviour.kind,
                author: entries[index].author,
                count: entries[index].bites,
                client: client
            )
        )
    }

    mutating func takeBites() -> [Bite] {
        defer { untold = [] }
        return untold
    }

    /// When something that comes late is due.
    var nextDeadline: Duration? {
        let answer = late.map(\.at).min()
        guard let powerUp else { return answer }
        return answer.map { min($0, powerUp) } ?? powerUp
    }
}

/// A misbehaviour made a difference.
package struct Bite: Hashable, Sendable {
    package var kind: String
    package var author: Misbehaviour.Author
    /// How often by now.
    package var count: Int
    /// Who felt it, if it was somebody on the network.
    package var client: Client?
}
