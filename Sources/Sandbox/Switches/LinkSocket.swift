import Glibc

/// A rtnetlink(7) socket that tells of interfaces as they come, change and go, and sets up ports of bridges.
struct LinkSocket: ~Copyable {
    /// An interface, as it is now.
    struct Link: Hashable, Sendable {
        var name: String
        /// It is a port of a bridge, up, and has a carrier.
        var isPluggedIn: Bool
    }

    private enum Number {
        static let groupLink: UInt32 = 1  // RTMGRP_LINK
        static let newLink: UInt16 = 16, delLink: UInt16 = 17, getLink: UInt16 = 18, setLink: UInt16 = 19
        static let request: UInt16 = 1, dump: UInt16 = 0x300
        static let attributeName: UInt16 = 3, attributeMaster: UInt16 = 10, attributePort: UInt16 = 12
        static let isUp: UInt32 = 1, hasCarrier: UInt32 = 0x10000
        static let familyBridge: UInt8 = 7
        // IFLA_BRPORT_…
        static let unicastFlood: UInt16 = 9, flush: UInt16 = 24, multicastFlood: UInt16 = 27,
            broadcastFlood: UInt16 = 30
    }

    /// `struct sockaddr_nl`.
    private struct Address {
        var family = UInt16(AF_NETLINK)
        var pad: UInt16 = 0
        var process: UInt32 = 0
        var groups: UInt32
    }

    let descriptor: Int32

    init() throws(SandboxError) {
        descriptor = socket(AF_NETLINK, Int32(SOCK_RAW.rawValue) | 0x80800, 0)  // SOCK_CLOEXEC, SOCK_NONBLOCK
        guard descriptor >= 0 else { throw .last("socket(AF_NETLINK)", on: "links") }
        var address = Address(groups: Number.groupLink)
        let status = unsafe withUnsafePointer(to: &address) { pointer in
            unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                unsafe bind(descriptor, $0, socklen_t(MemoryLayout<Address>.size))
            }
        }
        guard status == 0 else { throw .last("bind(AF_NETLINK)", on: "links") }
        askForAll()
    }

    deinit { close(descriptor) }

    /// Has all links told once more.
    borrowing func askForAll() {
        send(Number.getLink, flags: Number.request | Number.dump, family: 0, index: 0, [])
    }

    /// Whether unknown, broadcast and multicast frames go out at a port; `forgetting` who is behind it.
    borrowing func setFlooding(_ isOn: Bool, of port: String, forgetting: Bool) {
        let index = unsafe if_nametoindex(port)
        // A port that has gone since then floods nothing.
        guard index > 0 else { return }
        let value: [UInt8] = [isOn ? 1 : 0]
        let flags =
            Self.attribute(Number.unicastFlood, value) + Self.attribute(Number.multicastFlood, value)
            + Self.attribute(Number.broadcastFlood, value)
            + (forgetting ? Self.attribute(Number.flush, []) : [])
        send(
            Number.setLink,
            flags: Number.request,
            family: Number.familyBridge,
            index: Int32(index),
            Self.attribute(Number.attributePort | 0x8000, flags)
        )
    }

    /// What is known anew; nil after some of it was lost, and all is to be asked for again.
    borrowing func receive(_ buffer: inout [UInt8]) -> [Link]? {
        var links: [Link] = []
        while true {
            errno = 0
            guard let count = Descriptor.read(descriptor, &buffer) else {
                return errno == ENOBUFS ? nil : links
            }
            links += Self.links(in: buffer[..<count])
        }
    }

    // MARK: - Messages

    /// The links in a datagram of netlink messages (`struct nlmsghdr`, then `struct ifinfomsg` and its attributes).
    static func links(in bytes: ArraySlice<UInt8>) -> [Link] {
        var links: [Link] = []
        var rest = bytes
        while rest.count >= 16 {
            let length = Int(number32(rest, 0))
            guard length >= 16, length <= rest.count else { break }
            if let link = link(rest.prefix(length)) { links.append(link) }
            rest = rest.dropFirst(min((length + 3) & ~3, rest.count))
        }
        return links
    }

    private static func link(_ message: ArraySlice<UInt8>) -> Link? {
        let kind = number16(message, 4)
        // Bridges tell of their ports by messages of a family of their own, which are not meant.
        guard [Number.newLink, Number.delLink].contains(kind), message.count >= 32,
            message[message.startIndex + 16] == 0
        else { return nil }
        let flags = number32(message, 24)
        var (name, master): (String?, UInt32) = (nil, 0)
        var rest = message.dropFirst(32)
        while rest.count >= 4 {
            let length = Int(number16(rest, 0))
            guard length >= 4, length <= rest.count else { break }
            let value = rest.dropFirst(4).prefix(length - 4)
            switch number16(rest, 2) {
            case Number.attributeName: name = String(decoding: value.prefix { $0 != 0 }, as: UTF8.self)
            case Number.attributeMaster where value.count == 4: master = number32(value, 0)
            default: break
            }
            rest = rest.dropFirst(min((length + 3) & ~3, rest.count))
        }
        let isUp = kind == Number.newLink && flags & Number.isUp != 0 && flags & Number.hasCarrier != 0
        return name.map { Link(name: $0, isPluggedIn: isUp && master != 0) }
    }

    private static func number16(_ bytes: ArraySlice<UInt8>, _ offset: Int) -> UInt16 {
        let start = bytes.startIndex + offset
        return UInt16(bytes[start]) | UInt16(bytes[start + 1]) << 8
    }

    private static func number32(_ bytes: ArraySlice<UInt8>, _ offset: Int) -> UInt32 {
        UInt32(number16(bytes, offset)) | UInt32(number16(bytes, offset + 2)) << 16
    }

    private static func bytes(_ number: UInt32) -> [UInt8] {
        (0..<4).map { UInt8(truncatingIfNeeded: number >> (8 * $0)) }
    }

    private static func bytes(_ number: UInt16) -> [UInt8] { [UInt8(number & 0xff), UInt8(number >> 8)] }

    private static func attribute(_ kind: UInt16, _ value: [UInt8]) -> [UInt8] {
        let padding = [UInt8](repeating: 0, count: (4 - value.count % 4) % 4)
        return bytes(UInt16(4 + value.count)) + bytes(kind) + value + padding
    }

    private borrowing func send(
        _ kind: UInt16,
        flags: UInt16,
        family: UInt8,
        index: Int32,
        _ attributes: [UInt8]
    ) {
        let information =
            [family, 0, 0, 0] + Self.bytes(UInt32(bitPattern: index)) + [UInt8](repeating: 0, count: 8)
        let length = UInt32(16 + information.count + attributes.count)
        let header =
            Self.bytes(length) + Self.bytes(kind) + Self.bytes(flags) + [UInt8](repeating: 0, count: 8)
        Descriptor.write(descriptor, header + information + attributes)
    }
}
