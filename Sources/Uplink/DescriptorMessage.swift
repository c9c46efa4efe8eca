import Glibc

/// Bytes on a Unix socket, and with them at most one descriptor (SCM_RIGHTS, unix(7) and cmsg(3)).
enum DescriptorMessage {
    /// `struct cmsghdr` with one descriptor, as the kernel aligns it on 64-bit machines.
    private struct Control {
        var length = 20
        var level = SOL_SOCKET
        var type = Int32(0x01)  // SCM_RIGHTS
        var descriptor = Int32(-1)
        var padding = Int32(0)
    }

    /// False when the other end is gone.
    static func send(_ text: String, descriptor: Int32? = nil, to socket: Int32) -> Bool {
        var bytes = Array(text.utf8)
        let count = bytes.count
        var control = Control()
        if let descriptor { control.descriptor = descriptor }
        return bytes.withUnsafeMutableBytes { bytes in
            withUnsafeMutableBytes(of: &control) { control in
                var part = iovec(iov_base: bytes.baseAddress, iov_len: bytes.count)
                return withUnsafeMutablePointer(to: &part) { part in
                    var message = msghdr()
                    (message.msg_iov, message.msg_iovlen) = (part, 1)
                    if descriptor != nil {
                        (message.msg_control, message.msg_controllen) = (control.baseAddress, control.count)
                    }
                    return sendmsg(socket, &message, Int32(MSG_NOSIGNAL)) == count
                }
            }
        }
    }

    /// What came: no bytes at the end of the connection; nil when the socket failed.
    static func receive(from socket: Int32, upTo limit: Int) -> Received? {
        var bytes = [UInt8](repeating: 0, count: limit)
        var control = Control()
        let (count, hasControl) = bytes.withUnsafeMutableBytes { bytes in
            withUnsafeMutableBytes(of: &control) { control in
                var part = iovec(iov_base: bytes.baseAddress, iov_len: bytes.count)
                return withUnsafeMutablePointer(to: &part) { part in
                    var message = msghdr()
                    (message.msg_iov, message.msg_iovlen) = (part, 1)
                    (message.msg_control, message.msg_controllen) = (control.baseAddress, control.count)
                    let count = recvmsg(socket, &message, Int32(MSG_CMSG_CLOEXEC))
                    return (count, message.msg_controllen >= 20)
                }
            }
        }
        guard count >= 0 else { return nil }
        let isDescriptor = hasControl && control.type == 0x01 && control.descriptor >= 0
        return Received(
            bytes: Array(bytes.prefix(count)),
            descriptor: isDescriptor ? OwnedSocket(owning: control.descriptor) : nil
        )
    }

    struct Received: ~Copyable {
        let bytes: [UInt8]
        var descriptor: OwnedSocket?
    }
}
