import LabModel
import NIOCore
import NIOPosix
import Synchronization
import Uplink

/// Passes a connection on, unread, to the server that it was meant for: both directions at their own pace, as faults have it.
struct Relay: Sendable {
    /// How many bytes have arrived at either end.
    private final class Count: Sendable {
        private let bytes = Mutex(0)
        var value: Int { bytes.withLock { $0 } }
        func add(_ count: Int) { bytes.withLock { $0 += count } }
    }

    let client: ByteSource
    let server: ByteSource
    let name: String
    private let up = Count()
    private let down = Count()

    init(_ client: ByteSource, _ server: ByteSource, name: String) {
        (self.client, self.server, self.name) = (client, server, name)
    }

    /// How it went.
    struct Record: Sendable {
        var up: Int
        var down: Int
        var outcome: String
    }

    /// Until both sides have said all, or one of them is gone.
    func run(up upward: Flow, down downward: Flow) async -> Record {
        let channels = [client.channel, server.channel]
        let outcome = await withTaskCancellationHandler {
            await withTaskGroup(of: String?.self) { group in
                group.addTask { await pass(client, to: server, upward, up) }
                group.addTask { await pass(server, to: client, downward, down) }
                var outcome: String?
                for await end in group {
                    guard let end else { continue }
                    outcome = outcome ?? end
                    for channel in channels { channel.close(promise: nil) }
                }
                return outcome ?? "complete"
            }
        } onCancel: {
            for channel in channels { channel.close(promise: nil) }
        }
        for channel in channels { channel.close(promise: nil) }
        return Record(up: up.value, down: down.value, outcome: Task.isCancelled ? "gateway stopped" : outcome)
    }

    /// Nil when all was passed on, and the other side told so; else what ended both directions.
    private func pass(
        _ source: ByteSource,
        to target: ByteSource,
        _ flow: Flow,
        _ count: Count
    ) async -> String? {
        let channel = target.channel
        var pump = Pump(flow, channel: channel, url: name) { piece in
            try await channel.writeAndFlush(piece.bytes()).get()
            count.add(piece.count)
        }
        do {
            try await pump.send { try await source.next() }
            try await pump.finish()
        } catch Pump.Cut.close {
            return "cut"
        } catch Pump.Cut.reset {
            await client.channel.reset()
            return "reset"
        } catch {
            // Who was reset is reset in turn: an orderly end would hide it.
            await channel.reset()
            return "broken off: \(error)"
        }
        // It may be gone already, having said all itself.
        try? await channel.close(mode: .output).get()
        return nil
    }
}

extension Connection {
    /// Passes the connection on to where it was meant for; without a way out it is turned away, for that reason.
    func relay(
        _ party: Party,
        else reason: String,
        handOver: @escaping @Sendable (any Channel) throws -> Void
    ) async throws {
        guard let dialler = server.way.dialler, let host = party.dialled else {
            return turnAway(reason + ", and there is no uplink", party)
        }
        let started = ContinuousClock.now
        let client = server.reporter.client(at: party.address)
        var details: LabEvent.Details = ["host": party.name ?? host, "port": "\(party.port)"]
        let faults = server.rules.faults(
            (any FlowFault).self,
            on: Subject(client: client, host: party.name ?? host, port: party.port)
        )
        var (up, down) = (Flow(), Flow())
        for (fault, turn) in faults {
            if fault.direction == .up { fault.edit(&up, turn) } else { fault.edit(&down, turn) }
        }
        var record = Relay.Record(up: 0, down: 0, outcome: "")
        do {
            let purpose: UplinkPurpose = party.scheme == .https ? .tls : .tcp
            let dialled: UplinkConnection
            if let made = party.made?.take() {
                dialled = made
            } else {
                dialled = try await dialler.connect(host: host, port: party.port, purpose: purpose)
            }
            let outside = try await ClientBootstrap(group: channel.eventLoop)
                .channelOption(.autoRead, value: false)
                .channelOption(.allowRemoteHalfClosure, value: true)
                .channelOption(.tcpOption(.tcp_nodelay), value: 1)
                .withConnectedSocket(dialled.release()).get()
            let relay = Relay(
                try await ByteSource(channel, handOver: handOver),
                try await ByteSource(outside),
                name: "\(party.name ?? host):\(party.port)"
            )
            record = await relay.run(up: up, down: down)
        } catch let error as UplinkError {
            // As the server's own host would refuse it.
            await channel.reset()
            record.outcome = "no connection: \(error)"
            details["error"] = error.kind
        }
        let claims = faults.compactMap(\.turn.taken)
        let landed = claims.filter(\.landed).map(\.rule.id)
        if !landed.isEmpty { details["faults"] = landed.joined(separator: ",") }
        for claim in claims { claim.end() }
        details["up"] = "\(record.up)"
        details["down"] = "\(record.down)"
        details["seconds"] = (ContinuousClock.now - started).inEvents
        details["outcome"] = record.outcome
        server.reporter.report("tcp.served", client, details)
    }
}
