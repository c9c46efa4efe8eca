import Glibc
import LabModel

/// A packet(7) socket on one interface: sees and sends whole Ethernet frames.
struct PacketSocket: ~Copyable {
    private enum Number {
        static let ignoreOutgoing: Int32 = 23  // PACKET_IGNORE_OUTGOING
        static let offloads: Int32 = 15  // PACKET_VNET_HDR
        static let level: Int32 = 263  // SOL_PACKET
        static let attachFilter: Int32 = 26  // SO_ATTACH_FILTER
    }
    static let allProtocols: UInt16 = 3  // ETH_P_ALL

    /// `struct sockaddr_ll`.
    private struct Address {
        var family = UInt16(AF_PACKET)
        var etherType: UInt16
        var index: Int32
        var hardware: UInt16 = 0
        var kind: UInt8 = 0
        var length: UInt8 = 0
        var address: UInt64 = 0
    }

    let descriptor: Int32
    let interface: String

    /// With `vlan`, only frames with that tag are received, and without it on them.
    ///
    /// With `offloads` each frame has a `struct virtio_net_hdr` before it, and may be larger than the wire allows.
    init(
        on interface: String,
        etherType: UInt16,
        vlan: Int? = nil,
        offloads: Bool = false
    ) throws(SandboxError) {
        self.interface = interface
        descriptor = socket(AF_PACKET, Int32(SOCK_RAW.rawValue) | 0x80800, 0)  // SOCK_CLOEXEC, SOCK_NONBLOCK
        guard descriptor >= 0 else { throw .last("socket(AF_PACKET)", on: interface) }
        let index = unsafe if_nametoindex(interface)
        guard index > 0 else { throw .last("if_nametoindex", on: interface) }
        try set(Number.ignoreOutgoing, "PACKET_IGNORE_OUTGOING")
        if offloads { try set(Number.offloads, "PACKET_VNET_HDR") }
        if let vlan { try filter(vlan) }
        var address = Address(etherType: etherType.bigEndian, index: Int32(index))
        let size = socklen_t(MemoryLayout<Address>.size)
        let status = unsafe withUnsafePointer(to: &address) { pointer in
            unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                unsafe bind(descriptor, $0, size)
            }
        }
        guard status == 0 else { throw .last("bind(AF_PACKET)", on: interface) }
    }

    deinit { close(descriptor) }

    private func set(_ option: Int32, _ name: String) throws(SandboxError) {
        var value: Int32 = 1
        guard unsafe setsockopt(descriptor, Number.level, option, &value, 4) == 0 else {
            throw .last("setsockopt(\(name))", on: interface)
        }
    }

    /// Lets the kernel drop all but one VLAN, so that nobody is woken for the others.
    private func filter(_ vlan: Int) throws(SandboxError) {
        // Ancillary loads of <linux/filter.h>: the tag is no longer in the frame, but beside it.
        let (isTagged, tag) = (UInt32(bitPattern: -0x1000 + 48), UInt32(bitPattern: -0x1000 + 44))
        func step(_ code: UInt16, _ yes: UInt8, _ no: UInt8, _ value: UInt32) -> UInt64 {
            UInt64(code) | UInt64(yes) << 16 | UInt64(no) << 24 | UInt64(value) << 32
        }
        var steps = [
            step(0x20, 0, 0, isTagged), step(0x15, 4, 0, 0), step(0x20, 0, 0, tag),
            step(0x54, 0, 0, 0x0fff), step(0x15, 0, 1, UInt32(vlan)), step(0x06, 0, 0, .max),
            step(0x06, 0, 0, 0),
        ]
        let status = unsafe steps.withUnsafeMutableBufferPointer { buffer in
            // `struct sock_fprog`.
            var program = (UInt64(buffer.count), UInt64(UInt(bitPattern: buffer.baseAddress)))
            return unsafe setsockopt(descriptor, SOL_SOCKET, Number.attachFilter, &program, 16)
        }
        guard status == 0 else { throw .last("setsockopt(SO_ATTACH_FILTER)", on: interface) }
    }

    /// A frame that has come; nil when there is none now.
    func receive(_ buffer: inout [UInt8]) -> Int? { Descriptor.read(descriptor, &buffer) }

    /// A frame that cannot go out is lost, as on any wire.
    func send(_ frame: some Collection<UInt8>) { Descriptor.write(descriptor, Array(frame)) }
}

/// Reads and writes of one packet each, which never block.
enum Descriptor {
    /// Two sockets that are connected with each other.
    static func pair(_ kind: __socket_type, for what: String) throws(SandboxError) -> (Int32, Int32) {
        var ends: [Int32] = [-1, -1]
        let kind = Int32(kind.rawValue) | 0x80800  // SOCK_CLOEXEC, SOCK_NONBLOCK
        guard unsafe socketpair(AF_UNIX, kind, 0, &ends) == 0 else { throw .last("socketpair", on: what) }
        return (ends[0], ends[1])
    }

    static func read(_ descriptor: Int32, _ buffer: inout [UInt8]) -> Int? {
        let count = unsafe buffer.withUnsafeMutableBytes { bytes in
            unsafe Glibc.read(descriptor, bytes.baseAddress, bytes.count)
        }
        return count > 0 ? count : nil
    }

    static func write(_ descriptor: Int32, _ bytes: [UInt8]) {
        _ = unsafe bytes.withUnsafeBytes { unsafe Glibc.write(descriptor, $0.baseAddress, $0.count) }
    }
}
