import Foundation
import Glibc
import LabModel
import Synchronization

/// The end of a lab's uplink that is outside the sandbox: it dials, and hands the connected sockets in.
///
///     let server = try UplinkServer(at: folder.uplinkSocket, proxies: ProxySettings(environment))
///     server.run()                      // Until the lab that has joined leaves, however it does.
///
/// Bytes never pass through it: when it ends, connections that were made go on.
package final class UplinkServer: Sendable {
    /// How long, and how much at once.
    package struct Limits: Sendable {
        package var dial = Duration.seconds(10)
        /// From the connection to the end of the request's line.
        package var request = Duration.seconds(5)
        /// From the start to the lab's joining.
        package var join = Duration.seconds(30)
        package var dialsAtOnce = 256
        package init() {}
    }

    private struct State {
        var isOver = false
        var hasJoined = false
        var guests = 0
    }

    private let path: String
    private let listener: OwnedSocket
    private let dialler: Dialler
    private let limits: Limits
    private let state = Mutex(State())

    /// Listens from here on.
    package init(
        at path: String,
        proxies: ProxySettings,
        mappings: [ConnectTo] = [],
        limits: Limits = Limits()
    ) throws(UplinkError) {
        (self.path, self.limits) = (path, limits)
        dialler = Dialler(proxies: proxies, mappings: mappings, limit: limits.dial)
        listener = try UnixSocket.listen(at: path)
    }

    /// Blocks its thread until the lab leaves, or has not joined in time.
    package func run() {
        let deadline = Deadline(after: limits.join)
        while !state.withLock({ $0.isOver }) {
            var waited = [pollfd(listener.number, Int32(POLLIN))]
            poll(&waited, milliseconds: state.withLock { $0.hasJoined } ? -1 : deadline.milliseconds())
            if waited[0].isDue {
                admit()
            } else if deadline.hasPassed, !state.withLock({ $0.hasJoined }) {
                break
            }
        }
        unlink(path)
    }

    /// Ends `run()`.
    package func stop() {
        state.withLock { $0.isOver = true }
        // Wakes who waits for the socket.
        shutdown(listener.number, Int32(SHUT_RDWR))
    }

    private func admit() {
        let number = accept(listener.number, nil, nil)
        guard number >= 0 else {
            // Out of descriptors for a moment: the one who waits is not answered the sooner for asking at once again.
            if errno == EMFILE || errno == ENFILE { usleep(50_000) }
            return
        }
        let guest = OwnedSocket(owning: number)
        _ = fcntl(guest.number, F_SETFD, FD_CLOEXEC)
        guard UnixSocket.peer(of: guest.number) == geteuid() else { return }
        let hasRoom = state.withLock { state in
            guard state.guests < limits.dialsAtOnce else { return false }
            state.guests += 1
            return true
        }
        guard hasRoom else {
            let text = "\(limits.dialsAtOnce) connections are being made already; try again"
            _ = DescriptorMessage.send(UplinkAnswer.failed(.busy, text).line, to: guest.number)
            return
        }
        let handed = guest.release()
        Thread.detachNewThread { [self] in
            serve(OwnedSocket(owning: handed))
            state.withLock { $0.guests -= 1 }
        }
    }

    private func serve(_ guest: consuming OwnedSocket) {
        let answer: UplinkAnswer
        switch readRequest(guest.number) {
        case .dial(let purpose, let target):
            do {
                let connection = try dialler.dial(target, for: purpose, asker: guest.number)
                let line = UplinkAnswer.dialled(connection.form).line
                _ = DescriptorMessage.send(line, descriptor: connection.socket.number, to: guest.number)
                return
            } catch .failed(let failure, let text) {
                answer = .failed(failure, text)
            } catch {
                // Nobody waits for it any more.
                return
            }
        case .join:
            let isFirst = state.withLock { state in
                defer { state.hasJoined = true }
                return !state.hasJoined
            }
            guard isFirst else {
                answer = .failed(.badRequest, "another lab has joined already")
                break
            }
            _ = DescriptorMessage.send(UplinkAnswer.joined.line, to: guest.number)
            waitForEnd(guest.number)
            return stop()
        case nil: answer = .failed(.badRequest, "the request is malformed")
        }
        _ = DescriptorMessage.send(answer.line, to: guest.number)
    }

    /// Nil when none came in time, or it is malformed.
    private func readRequest(_ guest: Int32) -> UplinkRequest? {
        let deadline = Deadline(after: limits.request)
        var line: [UInt8] = []
        while line.last != 0x0A, line.count <= UplinkRequest.longest, !deadline.hasPassed {
            var waited = [pollfd(guest, Int32(POLLIN))]
            poll(&waited, milliseconds: deadline.milliseconds())
            guard waited[0].isDue else { continue }
            var bytes = [UInt8](repeating: 0, count: UplinkRequest.longest)
            let count = recv(guest, &bytes, bytes.count, 0)
            guard count > 0 else { return nil }
            line += bytes.prefix(count)
        }
        return UplinkRequest(line: line)
    }

    /// Whatever else who has joined says: only its end counts.
    private func waitForEnd(_ guest: Int32) {
        var byte: UInt8 = 0
        while true {
            let count = recv(guest, &byte, 1, 0)
            if count == 0 || (count < 0 && errno != EINTR) { return }
        }
    }
}
