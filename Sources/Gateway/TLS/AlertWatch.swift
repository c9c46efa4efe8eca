import NIOCore

/// Stands before TLS until the handshake is over, and sees the alert that a client sends in the clear.
///
/// In TLS 1.3 OpenSSL's clients do, although the server expects it encrypted and then finds nothing but a broken record.
final class AlertWatch: ChannelInboundHandler, RemovableChannelHandler {
    typealias InboundIn = ByteBuffer
    typealias InboundOut = ByteBuffer

    private static let alertType: UInt8 = 21

    private(set) var alert: TLSAlert?
    /// Of a record: its header, and of an alert all.
    private var start = ByteBuffer()
    /// What is still to come of a record whose header was seen.
    private var fragment = 0

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        watch(unwrapInboundIn(data))
        context.fireChannelRead(data)
    }

    /// Records have type, version and length (RFC 8446 §5.1); an alert in the clear has two bytes, one encrypted more.
    func watch(_ bytes: ByteBuffer) {
        var bytes = bytes
        while bytes.readableBytes > 0 {
            if fragment > 0 {
                let part = min(fragment, bytes.readableBytes)
                bytes.moveReaderIndex(forwardBy: part)
                fragment -= part
            } else if let part = bytes.readSlice(length: min(wanted, bytes.readableBytes)) {
                start.writeImmutableBuffer(part)
                if wanted == 0 { look() }
            }
        }
    }

    private var isAlert: Bool { start.getBytes(at: 0, length: 5) == [Self.alertType, 3, 3, 0, 2] }
    /// How much more is to be seen of the record's start.
    private var wanted: Int { (isAlert ? 7 : 5) - start.readableBytes }

    private func look() {
        if isAlert {
            alert = start.getInteger(at: 6).map(TLSAlert.init)
        } else {
            fragment = start.getInteger(at: 3, as: UInt16.self).map(Int.init) ?? 0
        }
        start.clear()
    }
}
