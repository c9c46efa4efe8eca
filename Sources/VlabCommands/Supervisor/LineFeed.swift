import LabModel
import Synchronization

/// A run's events as lines of JSON, for a listener who may pause: what he leaves unread for too long is forgotten, and
/// he is told how many events those were and where they all are.
final class LineFeed: AsyncSequence, Sendable {
    typealias Element = [UInt8]
    typealias Failure = Never

    fileprivate struct Line: Sendable {
        /// Nil of one that says nothing.
        let number: Int?
        let bytes: [UInt8]
    }

    /// So many lines wait for a listener.
    static let room = 2048

    private let file: String
    private let lines: AsyncStream<Line>
    private let feed: AsyncStream<Line>.Continuation
    private let count = Mutex(0)

    /// `file` has all of them.
    init(of file: String) {
        self.file = file
        (lines, feed) = AsyncStream.makeStream(bufferingPolicy: .bufferingNewest(Self.room))
    }

    func say(_ event: LabEvent) {
        count.withLock { count in
            feed.yield(Line(number: count, bytes: event.json + [0x0A]))
            count += 1
        }
    }

    /// An empty line: who is gone is noticed.
    func beat() { feed.yield(Line(number: nil, bytes: [0x0A])) }

    func finish() { feed.finish() }

    /// Each line as it comes, until the feed is finished or the task is cancelled; for one listener.
    struct Iterator: AsyncIteratorProtocol {
        fileprivate let file: String
        fileprivate var lines: AsyncStream<Line>.Iterator
        private var expected = 0
        private var held: [UInt8]?

        fileprivate init(of feed: LineFeed) { (file, lines) = (feed.file, feed.lines.makeAsyncIterator()) }

        mutating func next(isolation actor: isolated (any Actor)?) async -> [UInt8]? {
            if let held {
                self.held = nil
                return held
            }
            guard let line = await lines.next(isolation: actor) else { return nil }
            guard let number = line.number else { return line.bytes }
            defer { expected = number + 1 }
            guard number > expected else { return line.bytes }
            held = line.bytes
            let gap = ["count": "\(number - expected)", "all": file] as LabEvent.Details
            return LabEvent("events.missed", gap).json + [0x0A]
        }
    }

    func makeAsyncIterator() -> Iterator { Iterator(of: self) }
}
