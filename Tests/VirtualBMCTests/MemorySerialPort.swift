import Synchronization
import VirtualBMC

/// A serial port whose machine prints back what is typed at it, and says so when there was a break.
final class MemorySerialPort: SerialPort {
    private struct State {
        var history: [String] = []
        var typed: [UInt8] = []
        var breaks = 0
        var readers: [AsyncStream<[UInt8]>.Continuation] = []
    }

    private let state = Mutex(State())

    var typed: String { state.withLock { String(decoding: $0.typed, as: UTF8.self) } }
    var breaks: Int { state.withLock(\.breaks) }
    var readers: Int { state.withLock(\.readers.count) }

    func print(_ text: String) {
        state.withLock { state in
            state.readers.removeAll { reader in
                if case .terminated = reader.yield(Array(text.utf8)) { true } else { false }
            }
            state.history.append(text)
        }
    }

    func output(history: Int) -> AsyncStream<[UInt8]> {
        let (stream, continuation) = AsyncStream<[UInt8]>.makeStream()
        state.withLock { state in
            for line in state.history.suffix(history) { continuation.yield(Array(line.utf8)) }
            state.readers.append(continuation)
        }
        return stream
    }

    func send(_ bytes: [UInt8]) async throws {
        state.withLock { $0.typed += bytes }
        print(String(decoding: bytes, as: UTF8.self))
    }

    func sendBreak() async throws {
        state.withLock { $0.breaks += 1 }
        print("<break>")
    }
}
