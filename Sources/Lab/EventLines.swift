import Foundation

/// A log of events as it lies in its file, piece by piece, each of whole bytes and not always of whole lines; then what
/// comes, until the task is cancelled.
package struct EventLines: AsyncSequence, Sendable {
    package typealias Element = Data

    /// As much as is read at once.
    private static let pieceSize = 64 << 10

    private let file: FileHandle?
    private let place: Int
    private let news: AsyncStream<Void>
    /// How much there is by now.
    private let size: @Sendable () -> Int

    init(
        of path: String?,
        from place: Int,
        _ news: AsyncStream<Void>,
        size: @escaping @Sendable () -> Int
    ) throws {
        file = try path.map { try FileHandle(forReadingFrom: URL(fileURLWithPath: $0)) }
        try file?.seek(toOffset: UInt64(place))
        (self.place, self.news, self.size) = (place, news, size)
    }

    package struct Iterator: AsyncIteratorProtocol {
        fileprivate let lines: EventLines
        fileprivate var place: Int
        fileprivate var news: AsyncStream<Void>.Iterator

        package mutating func next(isolation actor: isolated (any Actor)?) async throws -> Data? {
            while true {
                let rest = lines.size() - place
                if rest > 0, let piece = try lines.file?.read(upToCount: Swift.min(rest, pieceSize)) {
                    place += piece.count
                    return piece
                }
                guard await news.next(isolation: actor) != nil else { return nil }
            }
        }
    }

    package func makeAsyncIterator() -> Iterator {
        Iterator(lines: self, place: place, news: news.makeAsyncIterator())
    }
}
