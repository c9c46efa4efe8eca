/// What the next boot shall be from, as Set System Boot Options says it (IPMI 2.0 §28.13, Table 28-14, parameter 5).
package struct BootFlags: Hashable, Sendable {
    /// What there is to boot from, by its number in the parameter.
    package enum Device: UInt8, Sendable, CaseIterable {
        case network = 0x1
        case disk = 0x2
        case cdrom = 0x5
        case setup = 0x6
    }

    /// Whether the rest counts.
    package var isValid = false
    /// For every boot from now on rather than the next alone.
    package var isPersistent = false
    package var isEFI = false
    /// Nil leaves the choice to the firmware.
    package var device: Device?

    package init() {}

    package init(_ device: Device?, persistent: Bool = false, efi: Bool = false) {
        (isValid, isPersistent, isEFI, self.device) = (true, persistent, efi, device)
    }

    private static let validBit: UInt8 = 0x80
    private static let persistentBit: UInt8 = 0x40
    private static let efiBit: UInt8 = 0x20
    static let length = 5

    /// Reads the parameter; a wish that this machine cannot meet (locked buttons, safe mode) is refused, not forgotten.
    init(decoding data: ArraySlice<UInt8>) throws(CompletionFailure) {
        guard data.count == Self.length else { throw CompletionFailure(.wrongLength) }
        let data = Array(data)
        let number = data[1] >> 2 & 0x0F
        device = Device(rawValue: number)
        guard number == 0 || device != nil, data[1] & 0xC3 == 0, data[0] & 0x1F == 0,
            data[2...].allSatisfy({ $0 == 0 })
        else { throw CompletionFailure(.invalidField) }
        isValid = data[0] & Self.validBit != 0
        isPersistent = data[0] & Self.persistentBit != 0
        isEFI = data[0] & Self.efiBit != 0
    }

    var encoded: [UInt8] {
        let first =
            (isValid ? Self.validBit : 0) | (isPersistent ? Self.persistentBit : 0)
            | (isEFI ? Self.efiBit : 0)
        return [first, (device?.rawValue ?? 0) << 2, 0, 0, 0]
    }
}
