/// How a command ended (IPMI 2.0 §5.2, Table 5-2).
package struct CompletionCode: RawRepresentable, Hashable, Sendable, CustomStringConvertible {
    package var rawValue: UInt8
    package init(rawValue: UInt8) { self.rawValue = rawValue }

    package static let success = CompletionCode(rawValue: 0x00)
    /// Something else is being done that must end first.
    package static let nodeBusy = CompletionCode(rawValue: 0xC0)
    package static let invalidCommand = CompletionCode(rawValue: 0xC1)
    package static let invalidForUnit = CompletionCode(rawValue: 0xC2)
    /// Not done within the limit; it may still be done later.
    package static let timeout = CompletionCode(rawValue: 0xC3)
    package static let wrongLength = CompletionCode(rawValue: 0xC7)
    package static let outOfRange = CompletionCode(rawValue: 0xC9)
    package static let invalidField = CompletionCode(rawValue: 0xCC)
    package static let destinationUnavailable = CompletionCode(rawValue: 0xD3)
    package static let insufficientPrivilege = CompletionCode(rawValue: 0xD4)
    package static let notInPresentState = CompletionCode(rawValue: 0xD5)
    package static let unspecified = CompletionCode(rawValue: 0xFF)

    // Codes 0x80 to 0xBE mean something else for each command.

    /// Set and Get System Boot Options (IPMI 2.0 §28.12 and §28.13).
    package static let parameterNotSupported = CompletionCode(rawValue: 0x80)
    /// Set System Boot Options: somebody else is writing (IPMI 2.0 §28.12).
    package static let setInProgress = CompletionCode(rawValue: 0x81)
    /// Set Session Privilege Level: above the limit of user or channel (IPMI 2.0 §22.18).
    package static let exceedsLimit = CompletionCode(rawValue: 0x81)
    /// Close Session (IPMI 2.0 §22.19).
    package static let invalidSessionID = CompletionCode(rawValue: 0x87)
    /// Close Session (IPMI 2.0 §22.19).
    package static let invalidSessionHandle = CompletionCode(rawValue: 0x88)

    /// As `0xc1`.
    package var description: String { rawValue.hexText }
}

extension UInt8 {
    /// As `0x0d`.
    var hexText: String { (self < 0x10 ? "0x0" : "0x") + String(self, radix: 16) }
}
