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
    package static let outOfSpace = CompletionCode(rawValue: 0xC4)
    package static let reservationCancelled = CompletionCode(rawValue: 0xC5)
    package static let wrongLength = CompletionCode(rawValue: 0xC7)
    package static let outOfRange = CompletionCode(rawValue: 0xC9)
    /// More bytes were asked for than there are.
    package static let tooManyBytes = CompletionCode(rawValue: 0xCA)
    /// No such sensor, record or device.
    package static let notPresent = CompletionCode(rawValue: 0xCB)
    package static let invalidField = CompletionCode(rawValue: 0xCC)
    /// The sensor or record is of another kind.
    package static let wrongKind = CompletionCode(rawValue: 0xCD)
    /// The device is in firmware update mode.
    package static let firmwareUpdate = CompletionCode(rawValue: 0xD1)
    /// The BMC is just being initialized.
    package static let initializing = CompletionCode(rawValue: 0xD2)
    package static let destinationUnavailable = CompletionCode(rawValue: 0xD3)
    package static let insufficientPrivilege = CompletionCode(rawValue: 0xD4)
    package static let notInPresentState = CompletionCode(rawValue: 0xD5)
    /// The function that this belongs to is switched off or not there.
    package static let functionUnavailable = CompletionCode(rawValue: 0xD6)
    package static let unspecified = CompletionCode(rawValue: 0xFF)

    // Codes 0x80 to 0xBE mean something else for each command.

    /// Set and Get System Boot Options (IPMI 2.0 §28.12 and §28.13).
    package static let parameterNotSupported = CompletionCode(rawValue: 0x80)
    /// Set System Boot Options: somebody else is writing (IPMI 2.0 §28.12).
    package static let setInProgress = CompletionCode(rawValue: 0x81)
    /// LAN, SOL and boot parameters that cannot be written (IPMI 2.0 §23.1 and §26.2).
    package static let readOnly = CompletionCode(rawValue: 0x82)
    /// LAN parameters that cannot be read (IPMI 2.0 §23.2).
    package static let writeOnly = CompletionCode(rawValue: 0x83)
    /// Reset Watchdog Timer: nobody has set it yet (IPMI 2.0 §27.5).
    package static let watchdogNotInitialized = CompletionCode(rawValue: 0x80)
    /// Activate Payload: another session has it (IPMI 2.0 §24.1).
    package static let payloadActive = CompletionCode(rawValue: 0x80)
    /// Activate Payload (IPMI 2.0 §24.1).
    package static let payloadDisabled = CompletionCode(rawValue: 0x81)
    /// Activate Payload (IPMI 2.0 §24.1).
    package static let payloadLimit = CompletionCode(rawValue: 0x82)
    /// Activate Payload with encryption (IPMI 2.0 §24.1).
    package static let cannotEncrypt = CompletionCode(rawValue: 0x83)
    /// Activate Payload without encryption (IPMI 2.0 §24.1).
    package static let mustEncrypt = CompletionCode(rawValue: 0x84)
    /// Deactivate Payload (IPMI 2.0 §24.2).
    package static let payloadInactive = CompletionCode(rawValue: 0x80)
    /// Suspend/Resume Payload Encryption: not that operation for that payload (IPMI 2.0 §24.3).
    package static let encryptionNotSupported = CompletionCode(rawValue: 0x80)
    /// Suspend/Resume Payload Encryption: the settings forbid it (IPMI 2.0 §24.3).
    package static let encryptionNotAllowed = CompletionCode(rawValue: 0x81)
    /// Suspend/Resume Payload Encryption: the session has none (IPMI 2.0 §24.3).
    package static let encryptionUnavailable = CompletionCode(rawValue: 0x82)
    /// Suspend/Resume Payload Encryption (IPMI 2.0 §24.3).
    package static let encryptionOfInactive = CompletionCode(rawValue: 0x83)
    /// Get Channel Payload Version (IPMI 2.0 §24.9).
    package static let payloadNotAvailable = CompletionCode(rawValue: 0x80)
    /// Set Session Privilege Level: above the limit of user or channel (IPMI 2.0 §22.18).
    package static let exceedsLimit = CompletionCode(rawValue: 0x81)
    /// Close Session (IPMI 2.0 §22.19).
    package static let invalidSessionID = CompletionCode(rawValue: 0x87)
    /// Close Session (IPMI 2.0 §22.19).
    package static let invalidSessionHandle = CompletionCode(rawValue: 0x88)

    /// Add SEL Entry (IPMI 2.0 §31.6).
    package static let recordTypeNotSupported = CompletionCode(rawValue: 0x80)
    /// Set Sensor Reading And Event Status (IPMI 2.0 §35.17).
    package static let readingNotSettable = CompletionCode(rawValue: 0x80)
    /// Set Sensor Reading And Event Status (IPMI 2.0 §35.17).
    package static let eventDataNotSettable = CompletionCode(rawValue: 0x81)
    /// Write FRU Data (IPMI 2.0 §34.3).
    package static let writeProtected = CompletionCode(rawValue: 0x80)
    /// Set PEF Configuration Parameters (IPMI 2.0 §30.3), Set DCMI Configuration Parameters (DCMI 1.5 §6.1.2).
    package static let parameterReadOnly = CompletionCode(rawValue: 0x82)
    /// Get Power Limit (DCMI 1.5 §6.6.3).
    package static let noActivePowerLimit = CompletionCode(rawValue: 0x80)
    /// Get Session Challenge (IPMI 2.0 §22.16).
    package static let invalidUserName = CompletionCode(rawValue: 0x81)
    /// Get Session Challenge: user 1 may not log in (IPMI 2.0 §22.16).
    package static let nullUserDisabled = CompletionCode(rawValue: 0x82)
    /// Activate Session: there are as many sessions as there can be (IPMI 2.0 §22.17).
    package static let noSessionSlot = CompletionCode(rawValue: 0x81)
    /// Activate Session: the user has as many as they may have (IPMI 2.0 §22.17).
    package static let noSlotForUser = CompletionCode(rawValue: 0x82)
    /// Activate Session (IPMI 2.0 §22.17).
    package static let sequenceOutOfRange = CompletionCode(rawValue: 0x84)
    /// Activate Session: nobody was challenged under that ID (IPMI 2.0 §22.17).
    package static let unknownChallenge = CompletionCode(rawValue: 0x85)
    /// Activate Session: above the limit of user or channel (IPMI 2.0 §22.17).
    package static let exceedsActivationLimit = CompletionCode(rawValue: 0x86)
    /// Set Channel Access (IPMI 2.0 §22.22).
    package static let accessModeNotSupported = CompletionCode(rawValue: 0x83)
    /// Set Channel Security Keys (IPMI 2.0 §22.25).
    package static let keyTooShort = CompletionCode(rawValue: 0x81)
    /// Set Channel Security Keys (IPMI 2.0 §22.25).
    package static let keyTooLong = CompletionCode(rawValue: 0x82)
    /// Set Channel Security Keys: there is no K_R (IPMI 2.0 §22.25).
    package static let keyNotUsed = CompletionCode(rawValue: 0x84)
    /// Set User Password, test (IPMI 2.0 §22.30).
    package static let wrongPassword = CompletionCode(rawValue: 0x80)
    /// Set User Password, test: kept in the other size (IPMI 2.0 §22.30).
    package static let wrongPasswordSize = CompletionCode(rawValue: 0x81)

    /// As `0xc1`.
    package var description: String { rawValue.hexText }
}

extension UInt8 {
    /// As `0x0d`.
    var hexText: String { (self < 0x10 ? "0x0" : "0x") + String(self, radix: 16) }
}
