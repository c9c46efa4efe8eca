import NIOCore
import Synchronization

/// Pieces that come one after the other when they are asked for.
final class Rest: Sendable {
    private let pieces: Mutex<[ByteBuffer]>

    init(_ pieces: [ByteBuffer]) { self.pieces = Mutex(pieces) }

    func next() -> ByteBuffer? { pieces.withLock { $0.isEmpty ? nil : $0.removeFirst() } }
}
