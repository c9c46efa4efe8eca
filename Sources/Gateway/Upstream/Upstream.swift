import LabModel
import NIOCore
import NIOHTTP1
import NIOSSL
import Synchronization
import Uplink

/// Asks servers outside, over the uplink: an HTTP/1.1 client without redirects, cookies or decompression, for what it
/// hears is what the lab's clients are to hear.
final class Upstream: Sendable {
    private let uplink: UplinkClient
    private let trust: NIOSSLTrustRoots
    private let pool: UpstreamPool
    /// Made when it is first needed: reading the host's trust roots takes a while.
    private let tls = Mutex<NIOSSLContext?>(nil)

    init(_ uplink: UplinkClient, trust: NIOSSLTrustRoots = .default, pool: UpstreamPool = UpstreamPool()) {
        (self.uplink, self.trust, self.pool) = (uplink, trust, pool)
    }

    /// Returns when the head of the answer has come.
    ///
    /// The body that is not read to its end costs the connection. Another connection is tried, once, when one that
    /// rested turns out to be dead.
    func fetch(
        _ request: UpstreamRequest,
        on loop: any EventLoop,
        leash: Leash
    ) async throws -> UpstreamResponse {
        do {
            while request.mayBeRepeated, let rested = pool.take(request.server, on: loop) {
                guard try await rested.begin() else { continue }
                do {
                    return try await exchange(request, rested, leash)
                } catch UpstreamError.brokenOff where !leash.isCut {
                    // The server had left before it saw the request.
                    break
                }
            }
            return try await exchange(request, try await connect(request.server, on: loop), leash)
        } catch let error as UplinkError {
            throw UpstreamError.uplink(error)
        }
    }

    /// Closes the connections that rest.
    func close() { pool.close() }

    private func connect(_ server: UpstreamServer, on loop: any EventLoop) async throws -> UpstreamConnection
    {
        let purpose: UplinkPurpose = server.scheme == .https ? .tls : .http
        let context = server.scheme == .https ? try context() : nil
        let socket = try await uplink.connect(host: server.host, port: server.port, purpose: purpose)
        return try await UpstreamConnection(socket, to: server, tls: context, on: loop)
    }

    private func context() throws -> NIOSSLContext {
        try tls.withLock { known in
            if let known { return known }
            var configuration = TLSConfiguration.makeClientConfiguration()
            configuration.trustRoots = trust
            configuration.applicationProtocols = ["http/1.1"]
            let made = try NIOSSLContext(configuration: configuration)
            known = made
            return made
        }
    }

    private func exchange(
        _ request: UpstreamRequest,
        _ connection: UpstreamConnection,
        _ leash: Leash
    ) async throws -> UpstreamResponse {
        leash.hold(connection.channel)
        do {
            try await connection.send(request)
        } catch {
            // A server that refuses a body may answer and close before it has read all of it: the answer counts.
            let isNetwork = error is ChannelError || error is IOError
            guard request.body != nil, isNetwork, !leash.isCut else {
                connection.close()
                throw isNetwork ? UpstreamError.brokenOff("\(error)") : error
            }
        }
        do {
            guard case .head(let head) = try await connection.next() else {
                throw UpstreamError.malformed("its answer has no head")
            }
            let reader = UpstreamReader(request, head, connection, pool, leash)
            let length = head.bodyLength(of: request.method)
            // What came with the head needs no waiting, and the connection is free.
            if length != nil, let whole = try await reader.rest() {
                return UpstreamResponse(head: head, body: Delivery.Stream(whole), whole: whole)
            }
            let body = Delivery.Stream(length: length) { try await reader.next() }
            return UpstreamResponse(head: head, body: body, whole: nil)
        } catch {
            connection.close()
            throw error
        }
    }
}

/// Reads one answer's body; given up before its end, it closes the connection.
private final class UpstreamReader: Sendable {
    private let connection: UpstreamConnection
    private let server: UpstreamServer
    private let isReusable: Bool
    private let pool: UpstreamPool
    private let leash: Leash
    private let isOver = Mutex(false)

    init(
        _ request: UpstreamRequest,
        _ head: HTTPResponseHead,
        _ connection: UpstreamConnection,
        _ pool: UpstreamPool,
        _ leash: Leash
    ) {
        (self.connection, server, self.pool, self.leash) = (connection, request.server, pool, leash)
        // What has a body of its own was perhaps answered before all of it was sent.
        isReusable = head.isKeepAlive && request.body == nil
    }

    deinit { if !isOver.withLock({ $0 }) { connection.close() } }

    /// Nil at the body's proper end, which makes the connection free for others.
    func next() async throws -> ByteBuffer? {
        guard !isOver.withLock({ $0 }) else { return nil }
        switch try await connection.next() {
        case .body(let buffer): return buffer
        case .head: throw UpstreamError.malformed("it has a second head")
        case .end:
            try await end()
            return nil
        }
    }

    /// All that is left, if it has come already.
    func rest() async throws -> ByteBuffer? {
        guard let rest = try await connection.rest() else { return nil }
        try await end()
        return rest
    }

    private func end() async throws {
        isOver.withLock { $0 = true }
        leash.letGo()
        if isReusable, try await connection.end() { pool.put(connection, server) } else { connection.close() }
    }
}

extension HTTPResponseHead {
    /// How long the body will be; nil when only its end will tell (RFC 9112 §6.3).
    func bodyLength(of method: HTTPMethod) -> Int? {
        if method == .HEAD || status == .noContent || status == .notModified { return 0 }
        if headers.contains(name: "Transfer-Encoding") { return nil }
        return headers.first(name: "Content-Length").flatMap { Int($0) }
    }
}

/// Ties what is done outside to the client on whose behalf it is done: when the client leaves, it ends.
final class Leash: Sendable {
    private struct State {
        var end: (@Sendable () -> Void)?
        var isCut = false
    }

    private let state = Mutex(State())

    /// For what no client's leaving ends, but somebody else.
    init() {}

    init(_ client: any Channel) {
        client.closeFuture.whenComplete { [weak self] _ in self?.cut() }
    }

    var isCut: Bool { state.withLock { $0.isCut } }

    func hold(_ channel: any Channel) { hold { channel.close(promise: nil) } }

    /// Calls `end` when it is cut, at once if it is; in the place of what was held before.
    func hold(_ end: @escaping @Sendable () -> Void) {
        let isCut = state.withLock { state in
            state.end = end
            return state.isCut
        }
        if isCut { end() }
    }

    func letGo() { state.withLock { $0.end = nil } }

    func cut() {
        let end = state.withLock { state in
            state.isCut = true
            return state.end.take()
        }
        end?()
    }
}
