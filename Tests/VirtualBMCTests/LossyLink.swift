import NIOCore
import NIOPosix
import Synchronization

/// A wire between one program and a BMC that keeps what the program says and loses every other answer in a session.
///
/// It leaves the log-in alone: ipmitool 1.8.19 begins that anew when RAKP message 2 is lost, and in the end goes on
/// without a session.
struct LossyLink {
    let port: Int
    private let inside: any Channel
    private let outside: any Channel

    /// What the program sent.
    var heard: [[UInt8]] { wire.ends.withLock(\.heard) }
    private let wire: Wire

    /// After `losses` answers it loses none: a lost answer to Close Session costs ipmitool ten seconds.
    init(to port: Int, losses: Int = 12) async throws {
        let server = try SocketAddress(ipAddress: "127.0.0.1", port: port)
        wire = Wire(server: server, losses: losses)
        let (inside, outside) = (
            try await Self.bind(FromServer(wire)), try await Self.bind(FromProgram(wire))
        )
        wire.ends.withLock { $0 = Wire.Ends(toServer: inside, toProgram: outside) }
        (self.inside, self.outside) = (inside, outside)
        self.port = outside.localAddress?.port ?? 0
    }

    private static func bind(_ handler: some ChannelInboundHandler & Sendable) async throws -> any Channel {
        try await DatagramBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .channelInitializer { $0.pipeline.addHandler(handler) }
            .bind(host: "127.0.0.1", port: 0)
            .get()
    }

    func close() async throws {
        try await inside.close()
        try await outside.close()
    }

    /// What both directions share.
    private final class Wire: Sendable {
        struct Ends {
            var toServer: (any Channel)?
            var toProgram: (any Channel)?
            var program: SocketAddress?
            var answers = 0
            var heard: [[UInt8]] = []
        }

        let server: SocketAddress
        let losses: Int
        let ends = Mutex(Ends())
        init(server: SocketAddress, losses: Int) { (self.server, self.losses) = (server, losses) }
    }

    private final class FromProgram: ChannelInboundHandler, Sendable {
        typealias InboundIn = AddressedEnvelope<ByteBuffer>
        let wire: Wire
        init(_ wire: Wire) { self.wire = wire }
        func channelRead(context: ChannelHandlerContext, data: NIOAny) {
            let envelope = unwrapInboundIn(data)
            let toServer = wire.ends.withLock { ends in
                ends.program = envelope.remoteAddress
                ends.heard.append(Array(envelope.data.readableBytesView))
                return ends.toServer
            }
            toServer?.writeAndFlush(
                AddressedEnvelope(remoteAddress: wire.server, data: envelope.data),
                promise: nil
            )
        }
    }

    private final class FromServer: ChannelInboundHandler, Sendable {
        typealias InboundIn = AddressedEnvelope<ByteBuffer>
        let wire: Wire
        init(_ wire: Wire) { self.wire = wire }
        func channelRead(context: ChannelHandlerContext, data: NIOAny) {
            let envelope = unwrapInboundIn(data)
            wire.ends.withLock { ends in
                guard let program = ends.program else { return }
                let payload = envelope.data.getInteger(at: envelope.data.readerIndex + 5, as: UInt8.self) ?? 0
                let isSigned = payload & 0x40 != 0
                if isSigned { ends.answers += 1 }
                guard !isSigned || ends.answers % 2 == 0 || ends.answers > wire.losses else { return }
                ends.toProgram?.writeAndFlush(
                    AddressedEnvelope(remoteAddress: program, data: envelope.data),
                    promise: nil
                )
            }
        }
    }
}
