import Glibc
import LabModel
import NIOCore
import NIOPosix

/// A UDP port on every address of a family, whose replies come from the very address that was asked.
///
/// A redirected client is answered by the kernel's book-keeping only if the reply leaves from the address that the
/// redirection chose. The routing table may prefer another one, and NIO cannot set it, hence `sendmsg` here.
enum DatagramPort {
    /// One packet that came in.
    struct Packet: Sendable {
        let payload: ByteBuffer
        let client: IPAddress
    }

    /// `answer` runs on the event loop, for each packet; nil stays silent.
    static func open(
        _ port: Int,
        _ family: AddressFamily,
        on group: any EventLoopGroup,
        answer: @escaping @Sendable (Packet) -> LateReply?
    ) async throws -> any Channel {
        let descriptor = try bind(port: port, family)
        return try await DatagramBootstrap(group: group)
            .channelOption(.receivePacketInfo, value: true)
            .channelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.addHandler(
                        DatagramHandler(descriptor: descriptor, answer: answer)
                    )
                }
            }
            .withBoundSocket(descriptor).get()
    }

    private static func bind(port: Int, _ family: AddressFamily) throws -> CInt {
        let flags = SOCK_DGRAM.rawValue | SOCK_NONBLOCK.rawValue | SOCK_CLOEXEC.rawValue
        let descriptor = socket(family.number, CInt(flags), 0)
        var only: CInt = 1
        let isAlone =
            family == .v4
            || setsockopt(
                descriptor,
                CInt(IPPROTO_IPV6),
                IPV6_V6ONLY,
                &only,
                socklen_t(MemoryLayout<CInt>.size)
            )
                == 0
        let bound = try family.anyAddress(port).withSockAddr { address, size in
            Glibc.bind(descriptor, address, socklen_t(size))
        }
        guard descriptor >= 0, isAlone, bound == 0 else {
            let error = IOError(errnoCode: errno, reason: "bind")
            if descriptor >= 0 { close(descriptor) }
            throw error
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
        let peer = envelope.remoteAddress
        guard waiting < Self.mostWaiting, let client = IPAddress(peer),
            let reply = answer(DatagramPort.Packet(payload: envelope.data, client: client))
        else { return }
        let source = PacketSource(envelope.metadata?.packetInfo, family: client)
        waiting += 1
        let bound = NIOLoopBound((handler: self, channel: context.channel), eventLoop: context.eventLoop)
        reply.whenDue(on: context.eventLoop) {
            let (handler, channel) = bound.value
            handler.waiting -= 1
            // The descriptor of a closed port may be another's by now.
            guard channel.isActive else { return }
            handler.send(reply.bytes, to: peer, from: source)
        }
    }

    /// The next packet is not worth less for the error of the last one (an ICMP message to an earlier reply).
    func errorCaught(context: ChannelHandlerContext, error: any Error) {}

    /// A reply that the kernel does not take at once is lost, as UDP may be.
    private func send(_ reply: ByteBuffer, to peer: SocketAddress, from source: PacketSource) {
        var bytes = Array(reply.readableBytesView)
        var control = source.control
        peer.withSockAddr { peer, size in
            bytes.withUnsafeMutableBytes { bytes in
                control.withUnsafeMutableBytes { control in
                    var part = iovec(iov_base: bytes.baseAddress, iov_len: bytes.count)
                    withUnsafeMutablePointer(to: &part) { part in
                        var message = msghdr()
                        message.msg_name = UnsafeMutableRawPointer(mutating: peer)
                        message.msg_namelen = socklen_t(size)
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

/// The control message that sets a packet's source address, laid out as CMSG_DATA has it.
struct PacketSource: Sendable {
    /// Padded up to the alignment of `cmsghdr` (CMSG_SPACE).
    let control: [UInt8]

    /// Without `info` the choice is the routing table's.
    init(_ info: NIOPacketInfo?, family: IPAddress) {
        let asked = info.flatMap { IPAddress($0.destinationAddress) }
        // An address that is good on one link alone means nothing without it.
        self.init(asked, interface: info?.interfaceIndex ?? 0, family: family)
    }

    init(_ source: IPAddress?, interface: Int, family: IPAddress) {
        switch (family, source) {
        case (.v4, let source):
            // ip(7), IP_PKTINFO: `struct in_pktinfo` is the interface, the source, and an address for what comes in.
            var bits: UInt32 = 0
            if case .v4(let address)? = source { bits = address.bits }
            let info = [UInt8](repeating: 0, count: 4) + bits.inNetworkOrder + [UInt8](repeating: 0, count: 4)
            control = Self.message(CInt(IPPROTO_IP), CInt(IP_PKTINFO), info)
        case (.v6, let source):
            // ipv6(7), IPV6_PKTINFO (50 in <linux/in6.h>): `struct in6_pktinfo` is the source and the interface.
            var address = IPv6Address(bits: 0)
            if case .v6(let known)? = source { address = known }
            let isLinkLocal = address.bits >> 118 == 0xFE80 >> 6
            let index = CInt(truncatingIfNeeded: isLinkLocal ? interface : 0)
            control = Self.message(
                CInt(IPPROTO_IPV6),
                50,
                address.bytes + withUnsafeBytes(of: index) { Array($0) }
            )
        }
    }

    private static func message(_ level: CInt, _ type: CInt, _ data: [UInt8]) -> [UInt8] {
        var header = cmsghdr()
        header.cmsg_len = MemoryLayout<cmsghdr>.size + data.count
        (header.cmsg_level, header.cmsg_type) = (level, type)
        let bytes = withUnsafeBytes(of: header) { Array($0) } + data
        let padding = (8 - bytes.count % 8) % 8
        return bytes + [UInt8](repeating: 0, count: padding)
    }
}

extension UInt32 {
    /// Four bytes.
    fileprivate var inNetworkOrder: [UInt8] { withUnsafeBytes(of: bigEndian) { Array($0) } }
}
