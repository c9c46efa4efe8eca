import Glibc
import NIOCore
import Synchronization

/// The bytes of an answer that many get, header and all: they differ by their Date alone, once a second.
final class KeptAnswer: Sendable {
    private let latest = Mutex((second: 0, bytes: ByteBuffer()))

    func bytes(encode: () -> ByteBuffer) -> ByteBuffer {
        let second = time(nil)
        return latest.withLock { latest in
            if latest.second != second { latest = (second, encode()) }
            return latest.bytes
        }
    }
}
