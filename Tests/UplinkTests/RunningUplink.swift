import Foundation
import LabModel
import Synchronization
import TestSupport

@testable import Uplink

/// Both ends of an uplink, for the time of a test.
struct RunningUplink: Sendable {
    let path: String
    let client: UplinkClient
    let events: Events

    /// What the tests' own servers need.
    static let thisHost = ["127.0.0.1::127.0.0.1:", "localhost::localhost:", "[::1]::[::1]:"]

    final class Events: Sendable {
        private let all = Mutex<[LabEvent]>([])
        var sink: EventSink { { event in self.all.withLock { $0.append(event) } } }
        var dialled: [LabEvent.Details] {
            all.withLock { $0.filter { $0.event == "uplink.dialled" }.map(\.details) }
        }
    }

    static func with(
        _ environment: [String: String] = [:],
        connectTo: [String] = RunningUplink.thisHost,
        limits change: (inout UplinkServer.Limits) -> Void = { _ in },
        body: (RunningUplink) async throws -> Void
    ) async throws {
        try await withScratchFolder { folder in
            let (path, events) = (folder + "/uplink.sock", Events())
            var limits = UplinkServer.Limits()
            change(&limits)
            let server = try UplinkServer(
                at: path,
                proxies: ProxySettings(environment),
                mappings: connectTo.compactMap(ConnectTo.init),
                limits: limits
            )
            let ended = Ended(server)
            defer { server.stop() }
            _ = ended
            try await body(
                RunningUplink(path: path, client: UplinkClient(at: path, events: events.sink), events: events)
            )
        }
    }

    /// Runs a server on a thread of its own, and tells its end.
    final class Ended: Sendable {
        private let isOver = Mutex(false)
        init(_ server: UplinkServer) {
            Thread.detachNewThread {
                server.run()
                self.isOver.withLock { $0 = true }
            }
        }
        var hasEnded: Bool { isOver.withLock { $0 } }
    }

    /// What the helper answers to bytes that a client of vlab would not send.
    func answer(to bytes: String, thenClose: Bool = false) throws -> String {
        let socket = try UnixSocket.connect(to: path)
        Wire.write(bytes, to: socket.number)
        if thenClose { shutdown(socket.number, Int32(SHUT_WR)) }
        return Wire.read(from: socket.number)
    }
}
