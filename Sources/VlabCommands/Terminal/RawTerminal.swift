import Dispatch
import Foundation
import Glibc
import Lab
import Synchronization

/// The terminal without line editing, for typing at a machine's console.
enum RawTerminal {
    /// Ctrl-], as virsh and telnet have it.
    static let leave: UInt8 = 0x1D

    private static let saved = Mutex<termios?>(nil)

    /// Each key as it is pressed; ends with the input.
    ///
    /// Undone by `restore`.
    static func keys() throws -> AsyncStream<[UInt8]> {
        var settings = termios()
        guard unsafe tcgetattr(STDIN_FILENO, &settings) == 0 else {
            throw LabError("terminal", "its settings cannot be read")
        }
        let before = settings
        saved.withLock { $0 = before }
        unsafe cfmakeraw(&settings)
        unsafe tcsetattr(STDIN_FILENO, TCSANOW, &settings)
        return AsyncStream { continuation in
            // A thread of its own: reading a terminal blocks for as long as nobody types.
            Thread.detachNewThread {
                var buffer = [UInt8](repeating: 0, count: 256)
                while true {
                    // What there is, at once: FileHandle would wait until the buffer is full.
                    let count = unsafe read(STDIN_FILENO, &buffer, buffer.count)
                    guard count > 0 else { break }
                    continuation.yield(Array(buffer[..<count]))
                }
                continuation.finish()
            }
        }
    }

    static func restore() {
        saved.withLock { settings in
            guard var before = settings else { return }
            unsafe tcsetattr(STDIN_FILENO, TCSANOW, &before)
            settings = nil
        }
    }
}
