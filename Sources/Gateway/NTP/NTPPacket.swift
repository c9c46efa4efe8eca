import LabModel
import NIOCore

/// The fixed 48 bytes of NTP (RFC 5905 §7.3), as far as a server needs them.
struct NTPPacket: Hashable, Sendable {
    /// RFC 5905 §7.3, figure 10.
    enum Mode: UInt8, Sendable {
        case reserved, symmetricActive, symmetricPassive, client, server, broadcast, control, privateUse
    }

    /// RFC 5905 §7.3, figure 9.
    enum Leap: UInt8, Sendable { case none, lastMinuteHas61, lastMinuteHas59, unknown }

    var leap = Leap.none
    var version: UInt8
    var mode: Mode
    var stratum: UInt8 = 0
    var poll: UInt8 = 0
    var precision: Int8 = 0
    var rootDelay: UInt32 = 0
    var rootDispersion: UInt32 = 0
    var reference = IPv4Address(bits: 0)
    var referenceTime = NTPTimestamp(bits: 0)
    var originTime = NTPTimestamp(bits: 0)
    var receiveTime = NTPTimestamp(bits: 0)
    var transmitTime = NTPTimestamp(bits: 0)

    init(version: UInt8, mode: Mode) { (self.version, self.mode) = (version, mode) }

    /// Nil when it is too short.
    ///
    /// Extension fields and authenticators behind the header are left unread.
    init?(_ buffer: ByteBuffer) {
        var buffer = buffer
        guard buffer.readableBytes >= 48,
            let (flags, stratum, poll, precision) = buffer.readMultipleIntegers(
                as: (UInt8, UInt8, UInt8, Int8).self
            ),
            let (delay, dispersion, reference) = buffer.readMultipleIntegers(
                as: (UInt32, UInt32, UInt32).self
            ),
            let times = buffer.readMultipleIntegers(as: (UInt64, UInt64, UInt64, UInt64).self),
            let mode = Mode(rawValue: flags & 0x07)
        else { return nil }
        self.init(version: flags >> 3 & 0x07, mode: mode)
        leap = Leap(rawValue: flags >> 6) ?? .none
        (self.stratum, self.poll, self.precision) = (stratum, poll, precision)
        (rootDelay, rootDispersion, self.reference) = (delay, dispersion, IPv4Address(bits: reference))
        (referenceTime, originTime) = (NTPTimestamp(bits: times.0), NTPTimestamp(bits: times.1))
        (receiveTime, transmitTime) = (NTPTimestamp(bits: times.2), NTPTimestamp(bits: times.3))
    }

    var bytes: ByteBuffer {
        var buffer = ByteBuffer()
        buffer.writeMultipleIntegers(
            leap.rawValue << 6 | version << 3 | mode.rawValue,
            stratum,
            poll,
            precision
        )
        buffer.writeMultipleIntegers(rootDelay, rootDispersion, reference.bits)
        buffer.writeMultipleIntegers(
            referenceTime.bits,
            originTime.bits,
            receiveTime.bits,
            transmitTime.bits
        )
        return buffer
    }
}

/// Seconds since 1900 and their fractions, 32 bits each (RFC 5905 §6).
struct NTPTimestamp: Hashable, Sendable {
    var bits: UInt64
}
