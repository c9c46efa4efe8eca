import Glibc
import LabModel
import NIOCore
import NIOPosix

/// A UDP port on every address, whose replies come from the very address that was asked.
///
/// A redirected client is answered by the kernel's book-keeping only if the reply leaves from the address that the
/// redirection chose. The routing table may prefer another one, and NIO cannot set it, hence `sendmsg` here.
struct DatagramPort: Sendable {
    /// One packet that came in.
    struct Packet: Sendable {
        let payload: ByteBuffer
        let client: IPv4Address
    }

    let channel: any Channel
    var port: Int { channel.localAddress?.port ?? 0 }

    /// `answer` runs on the event loop, for each packet; nil stays silent.
    init(
        port: Int,
        service: String,
        on group: any EventLoopGroup,
        answer: @escaping @Sendable (Packet) -> LateReply?
    ) async throws {
        let descriptor = try Self.bind(port: port, service: service)
        do {
            channel = try await DatagramBootstrap(group: group)
                .channelOption(.receivePacketInfo, value: true)
                .channelInitializer { channel in
                    channel.eventLoop.makeCompletedFuture {
                        try channel.pipeline.syncOperations.addHandler(
                            DatagramHandler(descriptor: descriptor, answer: answer)
                        )
                    }
                }
                .withBoundSocket(descriptor).get()
        } catch {
            throw GatewayError.cannotListen(service: service, port: port, reason: "\(error)")
        }
    }

    private static func bind(port: Int, service: String) throws(GatewayError) -> CInt {
        let descriptor = socket(
            AF_INET,
            CInt(SOCK_DGRAM.rawValue | SOCK_NONBLOCK.rawValue | SOCK_CLOEXEC.rawValue),
            0
        )
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = in_port_t(truncatingIfNeeded: port).bigEndian
        let bound = withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                Glibc.bind(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
        guard descriptor >= 0, bound == 0 else {
            let reason = String(cString: strerror(errno))
            if descriptor >= 0 { close(descriptor) }
            throw .cannotListen(service: service, port: port, reason: reason)
        }
        return descriptor
    }
}

/// Answers each packet when its reply is due, from the address that it was sent to.
private final class DatagramHandler: ChannelInboundHandler {
    typealias InboundIn = AddressedEnvelope<ByteBuffer>

    /// Owned by the channel, which outlives its handlers.
    private let descriptor: CInt
    private let answer: @Sendable (DatagramPort.Packet) -> LateReply?
    /// Replies that are late.
    private var waiting = 0
    /// Packets are cheap to send: who sends many to be answered late must not fill the memory.
    private static let mostWaiting = 10_000

    init(descriptor: CInt, answer: @escaping @Sendable (DatagramPort.Packet) -> LateReply?) {
        (self.descriptor, self.answer) = (descriptor, answer)
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        let envelope = unwrapInboundIn(data)
        guard waiting < Self.mostWaiting, let client = IPv4Address(envelope.remoteAddress),
            let port = envelope.remoteAddress.port,
            let reply = answer(DatagramPort.Packet(payload: envelope.data, client: client))
        else { return }
        let asked = envelope.metadata?.packetInfo.flatMap { IPv4Address($0.destinationAddress) }
        waiting += 1
        let bound = NIOLoopBound((handler: self, channel: context.channel), eventLoop: context.eventLoop)
        reply.whenDue(on: context.eventLoop) {
            let (handler, channel) = bound.value
            handler.waiting -= 1
            // The descriptor of a closed port may be another's by now.
            guard channel.isActive else { return }
            handler.send(reply.bytes, to: client, port: port, from: asked)
        }
    }

    /// The next packet is not worth less for the error of the last one (an ICMP message to an earlier reply).
    func errorCaught(context: ChannelHandlerContext, error: any Error) {}

    /// A reply that the kernel does not take at once is lost, as UDP may be.
    private func send(_ reply: ByteBuffer, to client: IPv4Address, port: Int, from source: IPv4Address?) {
        var peer = sockaddr_in()
        peer.sin_family = sa_family_t(AF_INET)
        peer.sin_port = in_port_t(truncatingIfNeeded: port).bigEndian
        peer.sin_addr.s_addr = client.bits.bigEndian
        var control = PacketSource(source)
        var bytes = Array(reply.readableBytesView)
        withUnsafeMutablePointer(to: &peer) { peer in
            bytes.withUnsafeMutableBytes { bytes in
                withUnsafeMutableBytes(of: &control) { control in
                    var part = iovec(iov_base: bytes.baseAddress, iov_len: bytes.count)
                    withUnsafeMutablePointer(to: &part) { part in
                        var message = msghdr()
                        message.msg_name = UnsafeMutableRawPointer(peer)
                        message.msg_namelen = socklen_t(MemoryLayout<sockaddr_in>.size)
                        message.msg_iov = part
                        message.msg_iovlen = 1
                        message.msg_control = control.baseAddress
                        message.msg_controllen = control.count
                        sendmsg(descriptor, &message, CInt(MSG_NOSIGNAL))
                    }
                }
            }
        }
    }
}

/// The control message that sets a packet's source address (ip(7), IP_PKTINFO), laid out as CMSG_DATA has it.
private struct PacketSource {
    var header = cmsghdr()
    var info = in_pktinfo()
    /// Up to the alignment of `cmsghdr` (CMSG_SPACE).
    var padding: UInt32 = 0

    /// Nil leaves the choice to the routing table.
    init(_ source: IPv4Address?) {
        header.cmsg_len = MemoryLayout<cmsghdr>.size + MemoryLayout<in_pktinfo>.size
        header.cmsg_level = CInt(IPPROTO_IP)
        header.cmsg_type = CInt(IP_PKTINFO)
        info.ipi_spec_dst.s_addr = (source?.bits ?? 0).bigEndian
    }
}
