import NIOCore
import NIOHTTP1
import NIOPosix
import NIOSSL
import Uplink

/// One connection to a server outside, or to the host's proxy: one request after the other.
struct UpstreamConnection: Sendable {
    /// From the first byte of TLS to the last one of its handshake.
    private static let handshakeLimit = TimeAmount.seconds(10)

    let channel: any Channel
    let form: UplinkForm
    private let inbox: NIOLoopBound<UpstreamInbox>

    /// Takes over a dialled socket.
    init(
        _ socket: consuming UplinkConnection,
        to server: UpstreamServer,
        tls: NIOSSLContext?,
        on loop: any EventLoop
    ) async throws {
        form = socket.form
        let bootstrap = ClientBootstrap(group: loop)
            .channelOption(.autoRead, value: false)
            .channelOption(.tcpOption(.tcp_nodelay), value: 1)
            .channelOption(
                .recvAllocator,
                value: AdaptiveRecvByteBufferAllocator(minimum: 4096, initial: 65536, maximum: 262_144)
            )
        let handshake = tls.map { _ in loop.makePromise(of: Void.self) }
        channel = try await bootstrap.withConnectedSocket(socket.release()).get()
        let channel = channel
        do {
            inbox = try await loop.submit {
                let inbox = UpstreamInbox(handshake: handshake)
                let pipeline = channel.pipeline.syncOperations
                if let tls {
                    // Server Name Indication is for names only (RFC 6066 §3); what is no address is one.
                    let isAddress = (try? SocketAddress(ipAddress: server.host, port: 0)) != nil
                    let name = isAddress ? nil : server.host
                    try pipeline.addHandler(NIOSSLClientHandler(context: tls, serverHostname: name))
                }
                let decoder = HTTPResponseDecoder(
                    leftOverBytesStrategy: .dropBytes,
                    informationalResponseStrategy: .drop
                )
                try pipeline.addHandlers(HTTPRequestEncoder(), ByteToMessageHandler(decoder), inbox)
                return NIOLoopBound(inbox, eventLoop: loop)
            }.get()
        } catch {
            handshake?.fail(error)
            channel.close(promise: nil)
            throw error
        }
        guard let handshake else { return }
        let timer = loop.scheduleTask(in: Self.handshakeLimit) {
            handshake.fail(
                UpstreamError.tls("no handshake within \(Self.handshakeLimit.nanoseconds / 1_000_000_000)s")
            )
            channel.close(promise: nil)
        }
        defer { timer.cancel() }
        try await handshake.futureResult.get()
    }

    /// Whether a request may be sent on it once more.
    func begin() async throws -> Bool {
        let inbox = inbox
        return try await onLoop { inbox.value.begin() }
    }

    /// Sends a request; stops early when the server answers before it has all of the body.
    func send(_ request: UpstreamRequest) async throws {
        var headers = request.headers
        var uri = request.target
        if case .proxy(let authorization) = form {
            uri = request.url
            if let authorization { headers.replaceOrAdd(name: "Proxy-Authorization", value: authorization) }
        }
        let head = HTTPRequestHead(version: .http1_1, method: request.method, uri: uri, headers: headers)
        channel.write(HTTPClientRequestPart.head(head), promise: nil)
        if let body = request.body {
            try await flush()
            while try await !hasAnswer, let piece = try await body.next() {
                try await channel.writeAndFlush(HTTPClientRequestPart.body(.byteBuffer(piece))).get()
            }
        }
        try await channel.writeAndFlush(HTTPClientRequestPart.end(nil)).get()
    }

    /// The next part of the answer; when the task is cancelled the connection is closed.
    func next() async throws -> HTTPClientResponsePart {
        let (inbox, loop) = (inbox, channel.eventLoop)
        return try await withTaskCancellationHandler {
            if loop.inEventLoop { return try await inbox.value.next(on: loop).get() }
            return try await loop.flatSubmit { inbox.value.next(on: loop) }.get()
        } onCancel: {
            close()
        }
    }

    /// All that is left of the answer; nil while some of it has not come.
    func rest() async throws -> ByteBuffer? {
        let inbox = inbox
        return try await onLoop { inbox.value.rest() }
    }

    /// The answer is complete; whether another request may follow.
    func end() async throws -> Bool {
        let inbox = inbox
        return try await onLoop { inbox.value.end() }
    }

    func close() { channel.close(promise: nil) }

    private var hasAnswer: Bool {
        get async throws {
            let inbox = inbox
            return try await onLoop { inbox.value.hasAnswer }
        }
    }

    private func flush() async throws {
        let channel = channel
        try await onLoop { channel.flush() }
    }

    private func onLoop<Result: Sendable>(
        _ body: @escaping @Sendable () throws -> Result
    ) async throws -> Result {
        channel.eventLoop.inEventLoop ? try body() : try await channel.eventLoop.submit(body).get()
    }
}
