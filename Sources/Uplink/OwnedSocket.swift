import Glibc

/// A socket that is closed with its owner.
package struct OwnedSocket: ~Copyable, Sendable {
    package let number: Int32

    package init(owning number: Int32) { self.number = number }

    deinit { close(number) }

    /// Hands the descriptor over to somebody who closes it.
    package consuming func release() -> Int32 {
        let number = number
        discard self
        return number
    }
}

/// The C library's words for an error number.
func words(of number: Int32) -> String { strerror(number).map { String(cString: $0) } ?? "error \(number)" }
