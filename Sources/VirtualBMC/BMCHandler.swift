import IPMI
import NIOCore

/// Between a BMC's socket and its state machine, on the socket's event loop.
final class BMCHandler: ChannelInboundHandler {
    typealias InboundIn = AddressedEnvelope<ByteBuffer>
    typealias OutboundOut = AddressedEnvelope<ByteBuffer>

    /// The machine has answered; these actions came of it.
    struct Woken: Sendable { var actions: [Action] }

    private let server: BMCServer
    /// The number of its socket: a BMC that moves has two.
    private let way: UInt8
    private var alarm: (deadline: Duration, task: Scheduled<Void>)?

    init(_ server: BMCServer, way: UInt8) { (self.server, self.way) = (server, way) }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        let envelope = unwrapInboundIn(data)
        guard var client = Client(envelope.remoteAddress) else { return }
        client.way = way
        let wishes = server.receive(Array(envelope.data.readableBytesView), from: client)
        follow(wishes.actions, in: context, sender: (client, envelope.remoteAddress))
        setAlarm(wishes.deadline, in: context)
    }

    func channelReadComplete(context: ChannelHandlerContext) { context.flush() }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        guard let woken = event as? Woken else {
            context.fireUserInboundEventTriggered(event)
            return
        }
        follow(woken.actions.filter { $0.isAnswer(on: way) }, in: context)
        ring(context)
    }

    func channelInactive(context: ChannelHandlerContext) {
        alarm?.task.cancel()
        alarm = nil
    }

    /// A datagram that could not be read or sent concerns nobody but its sender.
    func errorCaught(context: ChannelHandlerContext, error: any Error) {}

    private func ring(_ context: ChannelHandlerContext) {
        let wishes = server.advance()
        follow(wishes.actions, in: context)
        context.flush()
        setAlarm(wishes.deadline, in: context)
    }

    /// An alarm that is early does no harm; so an idle session that speaks again moves none.
    private func setAlarm(_ deadline: Duration?, in context: ChannelHandlerContext) {
        guard let deadline else { return }
        if let alarm {
            guard deadline < alarm.deadline else { return }
            alarm.task.cancel()
        }
        let time = NIODeadline.uptimeNanoseconds(UInt64(max(0, deadline.nanoseconds)))
        let task = context.eventLoop.assumeIsolated().scheduleTask(deadline: time) { [self] in
            alarm = nil
            ring(context)
        }
        alarm = (deadline, task)
    }

    private func follow(
        _ actions: [Action],
        in context: ChannelHandlerContext,
        sender: (Client, SocketAddress)? = nil
    ) {
        for action in actions {
            guard case .send(let bytes, let client) = action else {
                server.follow(action)
                continue
            }
            guard client.way == way else {
                server.send([action])
                continue
            }
            do {
                let known = sender.flatMap { $0.0 == client ? $0.1 : nil }
                let envelope = AddressedEnvelope(
                    remoteAddress: try known ?? SocketAddress(client),
                    data: context.channel.allocator.buffer(bytes: bytes)
                )
                context.write(wrapOutboundOut(envelope), promise: nil)
            } catch {
                context.fireErrorCaught(error)
            }
        }
    }
}

extension Action {
    /// Whether it is an answer that goes out there.
    fileprivate func isAnswer(on way: UInt8) -> Bool {
        if case .send(_, let client) = self { client.way == way } else { false }
    }
}

extension Client {
    /// Nil for an address that is not of IPv4.
    init?(_ address: SocketAddress) {
        guard case .v4 = address else { return nil }
        // The fields of a sockaddr_in: family (2 bytes), port (2), address (4), the last two in network order.
        self = unsafe address.withSockAddr { pointer, size in
            let bytes = unsafe UnsafeRawBufferPointer(start: pointer, count: size)
            return unsafe Client(
                address: bytes[4..<8].reduce(0) { $0 << 8 | UInt32($1) },
                port: UInt16(bytes[2]) << 8 | UInt16(bytes[3])
            )
        }
    }
}

extension SocketAddress {
    fileprivate init(_ client: Client) throws {
        var packed = ByteBuffer()
        packed.writeInteger(client.address)
        try self.init(packedIPAddress: packed, port: Int(client.port))
    }
}

extension Duration {
    /// As a whole number, which lasts for three centuries.
    var nanoseconds: Int64 {
        let (seconds, attoseconds) = components
        return seconds * 1_000_000_000 + attoseconds / 1_000_000_000
    }
}
