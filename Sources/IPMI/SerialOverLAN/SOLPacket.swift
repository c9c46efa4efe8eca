/// What a SOL packet carries: characters, an acknowledgement, or both (IPMI 2.0 §15.9, Table 15-2).
package struct SOLPacket: Hashable, Sendable {
    /// 1 to 15; 0 when it carries no characters that anybody need acknowledge.
    package var sequence: UInt8
    /// The packet of the other side that it is the answer to; 0 when to none.
    package var acknowledged: UInt8
    /// How many characters of that packet were taken.
    package var accepted: UInt8
    package var flags: Flags
    package var characters: [UInt8]

    /// Operation of a console's packet, status of a BMC's: the same byte.
    package struct Flags: OptionSet, Hashable, Sendable {
        package var rawValue: UInt8
        package init(rawValue: UInt8) { self.rawValue = rawValue }

        /// The packet that is answered was not taken, or not whole.
        package static let nack = Flags(rawValue: 0x40)

        // What a console asks for …
        package static let generateBreak = Flags(rawValue: 0x10)
        /// «Clear to send» is taken away: nothing more is to be sent.
        package static let pause = Flags(rawValue: 0x08)
        /// What the BMC holds for the console is to be thrown away.
        package static let flushOutbound = Flags(rawValue: 0x01)

        // … and what a BMC says.

        /// The machine is off: nobody takes the characters.
        package static let unavailable = Flags(rawValue: 0x20)
        /// SOL has ended for this console.
        package static let deactivated = Flags(rawValue: 0x10)
        /// Characters before these were lost.
        package static let overrun = Flags(rawValue: 0x08)
    }

    /// The length of what stands before the characters.
    package static let headerLength = 4
    /// Characters are counted in one byte (IPMI 2.0 §15.9, accepted character count).
    package static let longest = 255

    package init(
        sequence: UInt8 = 0,
        acknowledged: UInt8 = 0,
        accepted: UInt8 = 0,
        flags: Flags = [],
        characters: [UInt8] = []
    ) {
        (self.sequence, self.acknowledged, self.accepted) = (sequence, acknowledged, accepted)
        (self.flags, self.characters) = (flags, characters)
    }

    package init(decoding payload: [UInt8]) throws(PacketError) {
        guard (Self.headerLength...Self.headerLength + Self.longest).contains(payload.count) else {
            throw .wrongLength
        }
        (sequence, acknowledged, accepted) = (payload[0] & 0x0F, payload[1] & 0x0F, payload[2])
        flags = Flags(rawValue: payload[3])
        characters = Array(payload[Self.headerLength...])
    }

    package var encoded: [UInt8] { [sequence, acknowledged, accepted, flags.rawValue] + characters }

    /// The number after that: 15 is followed by 1 (IPMI 2.0 §15.9, packet sequence number).
    package static func successor(of sequence: UInt8) -> UInt8 { sequence >= 15 ? 1 : sequence + 1 }
}
