import Glibc
import LabModel

/// A connection that the helper has made, and how requests are written on it.
package struct UplinkConnection: ~Copyable, Sendable {
    package let socket: OwnedSocket
    package let form: UplinkForm

    package init(socket: consuming OwnedSocket, form: UplinkForm) {
        self.socket = socket
        self.form = form
    }

    /// The descriptor, which is the caller's to close.
    package consuming func release() -> Int32 { socket.release() }
}

/// The end of a lab's uplink that is in the sandbox: it asks the helper for connections.
///
///     let uplink = UplinkClient(at: folder.uplinkSocket) { log.emit($0) }
///     let connection = try await uplink.connect(host: "packages.example.org", port: 443, purpose: .tls)
package struct UplinkClient: Sendable {
    private let path: String
    private let patience: Duration
    private let events: EventSink

    /// The patience is longer than the helper's own, so that its words are heard.
    package init(at path: String, patience: Duration = .seconds(15), events: @escaping EventSink) {
        (self.path, self.patience, self.events) = (path, patience, events)
    }

    /// Each call is an event `uplink.dialled`.
    package func connect(
        host: String,
        port: Int,
        purpose: UplinkPurpose
    ) async throws(UplinkError) -> UplinkConnection {
        let started = ContinuousClock.now
        do {
            let connection = try await dial(host, port, purpose)
            report(host, port, purpose, started, nil)
            return connection
        } catch {
            report(host, port, purpose, started, error)
            throw error
        }
    }

    /// Ties the helper's life to the lab's: it ends when the link is closed, and the link shows when it ends.
    package func join() async throws(UplinkError) -> UplinkLink {
        let answered = try await ask(.join)
        switch answered.answer {
        case .joined: return UplinkLink(answered.asked)
        case .failed(let failure, let text): throw .failed(failure, text)
        case .dialled: throw .malformed("it sent a connection that nobody asked for")
        }
    }

    private func dial(
        _ host: String,
        _ port: Int,
        _ purpose: UplinkPurpose
    ) async throws(UplinkError) -> UplinkConnection {
        guard let target = UplinkTarget(host: host, port: port) else {
            throw .failed(.badRequest, "\(host):\(port) is no host and port")
        }
        var answered = try await ask(.dial(purpose, target))
        switch answered.answer {
        case .dialled(let form):
            guard let socket = answered.connection.take() else {
                throw .malformed("it sent no connection")
            }
            return UplinkConnection(socket: socket, form: form)
        case .failed(let failure, let text): throw .failed(failure, text)
        case .joined: throw .malformed("it was not asked to be joined")
        }
    }

    /// What the helper answered.
    private struct Answered: ~Copyable {
        let answer: UplinkAnswer
        /// The connection to the helper.
        let asked: OwnedSocket
        var connection: OwnedSocket?
    }

    private func ask(_ request: UplinkRequest) async throws(UplinkError) -> Answered {
        let socket = try UnixSocket.connect(to: path)
        // A helper that is busy says so before it is asked, and closes: what it said is there all the same.
        let reason = DescriptorMessage.send(request.line, to: socket.number) ? nil : words(of: errno)
        switch await Readiness.wait(for: socket.number, within: patience) {
        case .ready: break
        case .tooLate: throw .noAnswer(patience)
        case .cancelled: throw .cancelled
        }
        // The helper sends it at once, with the descriptor.
        var message = DescriptorMessage.receive(from: socket.number, upTo: UplinkAnswer.longest)
        guard let bytes = message?.bytes, !bytes.isEmpty else {
            throw .gone(reason ?? "it ended before it answered")
        }
        guard let answer = UplinkAnswer(line: bytes) else { throw .malformed("its answer is malformed") }
        return Answered(answer: answer, asked: socket, connection: message?.descriptor.take())
    }

    private func report(
        _ host: String,
        _ port: Int,
        _ purpose: UplinkPurpose,
        _ started: ContinuousClock.Instant,
        _ error: UplinkError?
    ) {
        let milliseconds = ((ContinuousClock.now - started) / .milliseconds(1)).rounded()
        var details: LabEvent.Details = [
            "host": host, "port": "\(port)", "purpose": purpose.rawValue, "seconds": "\(milliseconds / 1000)",
        ]
        details["error"] = error?.kind
        details["reason"] = error?.description
        events(LabEvent("uplink.dialled", details))
    }
}
