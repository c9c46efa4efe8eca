import Dispatch
import Glibc
import LabModel

/// What the packet filter logs under a group (NFLOG, <linux/netfilter/nfnetlink_log.h>), as it happens.
// SAFETY: a dispatch source may be used from any thread; all else is constant.
final class PacketLog: @unchecked Sendable {
    /// The beginning of a TCP connection that was logged.
    struct Packet: Hashable, Sendable {
        /// What the rule calls itself.
        var label: String
        var source: IPAddress
        var target: IPAddress
        var port: Int
    }

    /// NFNL_SUBSYS_ULOG with NFULNL_MSG_PACKET and NFULNL_MSG_CONFIG.
    private static let (packet, configuration) = (UInt16(0x0400), UInt16(0x0401))
    /// NFULA_PAYLOAD and NFULA_PREFIX.
    private static let (payload, prefix) = (UInt16(9), UInt16(10))

    private let descriptor: Int32
    private let source: any DispatchSourceRead
    private let queue = DispatchQueue(label: "vlab.packet-log")

    init(group: UInt16) throws(SandboxError) {
        let socket = try NetlinkSocket(.netfilter)
        for attribute in Self.setUp {
            try socket.send(Self.configure(group, attribute))
            for message in try socket.receive() where message.type == NetlinkMessage.error {
                // `struct nlmsgerr` begins with the negative error number, 0 for none.
                let error = Int32(bytes: message.body.prefix(4))
                guard error == 0 else {
                    throw .unsupported(
                        "this kernel's packet filter keeps no log (nfnetlink_log): error \(-error)"
                    )
                }
            }
        }
        descriptor = dup(socket.descriptor)
        guard descriptor >= 0 else { throw .last("dup", on: "netlink") }
        source = DispatchSource.makeReadSource(fileDescriptor: descriptor, queue: queue)
        source.setCancelHandler { [descriptor] in close(descriptor) }
    }

    /// NFULNL_CFG_CMD_BIND; NFULNL_COPY_PACKET of 128 bytes, which have the headers; each packet at once.
    private static var setUp: [[UInt8]] {
        [
            NetlinkMessage.attribute(1, [1]),
            NetlinkMessage.attribute(2, UInt32(128).bigEndian.bytes + [2, 0]),
            NetlinkMessage.attribute(5, UInt32(1).bigEndian.bytes),
        ]
    }

    /// NLM_F_REQUEST and NLM_F_ACK; `struct nfgenmsg` of no family with the group.
    static func configure(_ group: UInt16, _ attribute: [UInt8]) -> NetlinkMessage {
        NetlinkMessage(type: configuration, flags: 5, body: [0, 0] + group.bigEndian.bytes + attribute)
    }

    /// Calls back for each packet until it is stopped.
    func run(_ tell: @escaping @Sendable (Packet) -> Void) {
        source.setEventHandler { [descriptor] in
            var bytes = [UInt8](repeating: 0, count: 64 << 10)
            // What is there; a wait would hold up the end.
            let count = unsafe recv(descriptor, &bytes, bytes.count, Int32(MSG_DONTWAIT))
            guard count > 0 else { return }
            for message in NetlinkMessage.all(in: bytes.prefix(count)) {
                if let packet = Self.read(message) { tell(packet) }
            }
        }
        source.resume()
    }

    func stop() { source.cancel() }

    /// Nil for what is no packet of TCP.
    static func read(_ message: NetlinkMessage) -> Packet? {
        guard message.type == packet else { return nil }
        let attributes = message.attributes(behind: 4)
        guard let label = attributes[prefix], let bytes = attributes[payload], let first = bytes.first else {
            return nil
        }
        let isIPv4 = first >> 4 == 4
        // RFC 791 §3.1 and RFC 8200 §3; extension headers do not occur in what clients send.
        let length = isIPv4 ? Int(first & 0x0F) * 4 : 40
        guard bytes.count >= length + 4, bytes[isIPv4 ? 9 : 6] == 6 else { return nil }
        let text = String(decoding: label.prefix { $0 != 0 }, as: UTF8.self)
        let port = Int(bytes[length + 2]) << 8 | Int(bytes[length + 3])
        guard let source = address(bytes[(isIPv4 ? 12 : 8)...].prefix(isIPv4 ? 4 : 16)),
            let target = address(bytes[(isIPv4 ? 16 : 24)...].prefix(isIPv4 ? 4 : 16))
        else { return nil }
        return Packet(label: text, source: source, target: target, port: port)
    }

    private static func address(_ bytes: ArraySlice<UInt8>) -> IPAddress? { IPAddress(bytes: Array(bytes)) }
}
