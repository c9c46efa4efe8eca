import LabModel
import NIOCore
import NIOPosix
import Synchronization

@testable import Gateway

/// A pump without a connection: what it passes on is collected, with the moments.
final class PumpBed: Sendable {
    private struct State {
        var bytes: [UInt8] = []
        var moments: [(count: Int, at: NIODeadline)] = []
    }

    let events = EventLog()
    let channel: any Channel
    private let state = Mutex(State())

    private init(_ channel: any Channel) { self.channel = channel }

    static func with(_ body: (PumpBed) async throws -> Void) async throws {
        // Any channel will do: its loop keeps the time, and its end is the client's leaving.
        let channel = try await DatagramBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .bind(host: "127.0.0.1", port: 0).get()
        do {
            try await body(PumpBed(channel))
        } catch {
            channel.close(promise: nil)
            throw error
        }
        channel.close(promise: nil)
    }

    /// Of a rule of its own.
    func turn(_ occurrence: Occurrence = .always) -> Turn {
        let reporter = Reporter(events: events.sink) { _ in nil }
        let rule = ArmedRule(id: "r", kind: "tcp.any", occurrence: occurrence, reporter: reporter)
        return Turn(rule: rule, client: Client(address: .v4(IPv4Address(bits: 1)), node: nil))
    }

    func claim() throws -> Claim {
        guard let claim = turn().take() else { throw NetworkError(description: "no claim") }
        return claim
    }

    func pump(_ flow: Flow, header: Int = 0) -> Pump {
        Pump(flow, header: header, channel: channel, url: "http://a.test/") { piece in
            let bytes = try piece.bytes()
            self.state.withLock { state in
                state.bytes += Array(bytes.readableBytesView)
                state.moments.append((bytes.readableBytes, .now()))
            }
        }
    }

    var bytes: [UInt8] { state.withLock { $0.bytes } }
    var moments: [(count: Int, at: NIODeadline)] { state.withLock { $0.moments } }
}

extension NIODeadline {
    /// An exact moment.
    static func at(_ milliseconds: Int64) -> NIODeadline {
        .uptimeNanoseconds(UInt64(1_000_000_000_000 + milliseconds * 1_000_000))
    }
}
