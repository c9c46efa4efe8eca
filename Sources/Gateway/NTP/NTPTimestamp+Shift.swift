extension NTPTimestamp {
    /// So much later, or with a minus earlier; eras go round (RFC 5905 §6).
    func shifted(by time: Duration) -> NTPTimestamp {
        let (seconds, attoseconds) = time.components
        let fraction = Int64((Double(attoseconds) / 1e18 * 0x1p32).rounded())
        return NTPTimestamp(bits: bits &+ UInt64(bitPattern: seconds &<< 32) &+ UInt64(bitPattern: fraction))
    }

    /// From an earlier one to this, as far as half an era.
    func since(_ earlier: NTPTimestamp) -> Duration {
        let difference = Int64(bitPattern: bits &- earlier.bits)
        return .nanoseconds(Int64(Double(difference) / 0x1p32 * 1e9))
    }
}

extension NTPPacket {
    /// As a server with another clock would have sent it.
    mutating func shift(by time: Duration) {
        referenceTime = referenceTime.shifted(by: time)
        receiveTime = receiveTime.shifted(by: time)
        transmitTime = transmitTime.shifted(by: time)
    }
}
