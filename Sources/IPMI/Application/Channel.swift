/// The one channel of this BMC, its LAN (IPMI 2.0 §6.3).
enum Channel {
    static let number: UInt8 = 0x01
    /// «The channel that this request came in on» (IPMI 2.0 §6.3, Table 6-1).
    private static let current: UInt8 = 0x0E

    /// The channel that the low four bits of a byte name; nil when there is none.
    static func named(_ byte: UInt8) -> UInt8? {
        switch byte & 0x0F {
        case number, current: number
        default: nil
        }
    }

    /// 802.3 LAN (IPMI 2.0 §6.5).
    static let medium: UInt8 = 0x04
    /// IPMB-1.0, which a LAN's messages follow (IPMI 2.0 §6.4).
    static let messageFormat: UInt8 = 0x01
}
