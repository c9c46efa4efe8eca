import Glibc

/// A lab's hold on its helper.
package final class UplinkLink: Sendable {
    private let socket: OwnedSocket

    init(_ socket: consuming OwnedSocket) { self.socket = socket }

    /// Lets the helper go: it ends.
    package func leave() { shutdown(socket.number, Int32(SHUT_RDWR)) }

    /// Returns when the helper has ended; false when the task was cancelled before.
    package func untilLost() async -> Bool {
        switch await Readiness.wait(for: socket.number, within: nil) {
        // The helper never says anything more: what can be read is its end.
        case .ready: true
        case .tooLate, .cancelled: false
        }
    }
}
