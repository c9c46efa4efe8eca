/// A message to or from the kernel (netlink(7)), whose numbers are in the order of this machine's bytes: the lowest first.
struct NetlinkMessage: Hashable {
    /// Those that every family has (netlink(7)).
    static let (error, done) = (UInt16(2), UInt16(3))

    var type: UInt16
    var flags: UInt16
    /// What the family has behind the header, attributes included.
    var body: [UInt8]

    init(type: UInt16, flags: UInt16, body: [UInt8]) {
        (self.type, self.flags, self.body) = (type, flags, body)
    }

    /// With its header; to the kernel, whose port is 0.
    var bytes: [UInt8] {
        let number = UInt32(1)
        return
            (UInt32(16 + body.count).bytes + type.bytes + flags.bytes + number.bytes + UInt32(0).bytes + body)
    }

    /// All messages of a datagram; what is cut off is left out.
    static func all(in datagram: some Collection<UInt8>) -> [NetlinkMessage] {
        var messages: [NetlinkMessage] = []
        var rest = Array(datagram)[...]
        while rest.count >= 16 {
            let length = Int(UInt32(bytes: rest.prefix(4)))
            guard length >= 16, length <= rest.count else { break }
            let message = rest.prefix(length)
            messages.append(
                NetlinkMessage(
                    type: UInt16(bytes: message.dropFirst(4).prefix(2)),
                    flags: UInt16(bytes: message.dropFirst(6).prefix(2)),
                    body: Array(message.dropFirst(16))
                )
            )
            rest = rest.dropFirst(length.aligned)
        }
        return messages
    }

    /// An attribute: its length, its type, its value, and nothing up to the next multiple of four.
    static func attribute(_ type: UInt16, _ value: [UInt8]) -> [UInt8] {
        let bytes = UInt16(4 + value.count).bytes + type.bytes + value
        return bytes + [UInt8](repeating: 0, count: bytes.count.aligned - bytes.count)
    }

    /// The attributes behind so many bytes of the body, by type.
    func attributes(behind count: Int) -> [UInt16: [UInt8]] {
        var found: [UInt16: [UInt8]] = [:]
        var rest = body.dropFirst(count)
        while rest.count >= 4 {
            let length = Int(UInt16(bytes: rest.prefix(2)))
            guard length >= 4, length <= rest.count else { break }
            // The two upper bits are flags.
            let type = UInt16(bytes: rest.dropFirst(2).prefix(2)) & 0x3FFF
            found[type] = Array(rest.prefix(length).dropFirst(4))
            rest = rest.dropFirst(length.aligned)
        }
        return found
    }
}

extension Int {
    /// Up to the next multiple of four.
    fileprivate var aligned: Int { (self + 3) & ~3 }
}

extension FixedWidthInteger {
    /// The lowest byte first.
    var bytes: [UInt8] { (0..<Self.bitWidth / 8).map { UInt8(truncatingIfNeeded: self >> Self($0 * 8)) } }

    /// The lowest byte first.
    init(bytes: some Sequence<UInt8>) {
        self = bytes.enumerated().reduce(0) {
            $0 | Self(truncatingIfNeeded: $1.element) << Self($1.offset * 8)
        }
    }
}
