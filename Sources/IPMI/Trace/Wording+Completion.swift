extension CompletionCode {
    /// What it means (IPMI 2.0 §5.2, Table 5-2); codes of a command's own by that command.
    func words(to request: Request) -> String {
        if let own = Self.own[[request.function, request.code, rawValue]] { return own }
        return Self.generic[rawValue] ?? (0x80...0xBE ~= rawValue ? "the command's own" : "the vendor's own")
    }

    private static let own: [[UInt8]: String] = [
        [0x00, 0x08, 0x80]: "no such parameter", [0x00, 0x08, 0x81]: "somebody else is writing",
        [0x00, 0x08, 0x82]: "parameter is read-only", [0x00, 0x09, 0x80]: "no such parameter",
        [0x06, 0x3A, 0x81]: "no room for a session", [0x06, 0x3A, 0x86]: "privilege exceeds the limit",
        [0x06, 0x3B, 0x81]: "exceeds the limit", [0x06, 0x3C, 0x87]: "no such session",
        [0x06, 0x3C, 0x88]: "no such session handle", [0x06, 0x39, 0x81]: "no such user",
        [0x06, 0x47, 0x80]: "wrong password", [0x06, 0x47, 0x81]: "wrong length of password",
        [0x06, 0x48, 0x80]: "payload is active already", [0x06, 0x48, 0x81]: "payload is disabled",
        [0x06, 0x49, 0x80]: "payload is not active", [0x0C, 0x02, 0x80]: "no such parameter",
        [0x0C, 0x01, 0x80]: "no such parameter", [0x0C, 0x01, 0x81]: "somebody else is writing",
        [0x0C, 0x01, 0x82]: "parameter is read-only", [0x0C, 0x22, 0x80]: "no such parameter",
        [0x0A, 0x40, 0x81]: "log is being erased",
    ]

    private static let generic: [UInt8: String] = [
        0x00: "success", 0xC0: "busy", 0xC1: "unknown command", 0xC2: "not for this unit", 0xC3: "timeout",
        0xC4: "out of space", 0xC5: "reservation cancelled", 0xC6: "data truncated", 0xC7: "wrong length",
        0xC8: "too long", 0xC9: "out of range", 0xCA: "too many bytes asked for", 0xCB: "not present",
        0xCC: "invalid field", 0xCD: "illegal for this sensor or record", 0xCE: "no answer",
        0xCF: "duplicate", 0xD0: "records are being updated", 0xD1: "firmware is being updated",
        0xD2: "being initialized", 0xD3: "destination unavailable", 0xD4: "insufficient privilege",
        0xD5: "not in this state", 0xD6: "disabled", 0xFF: "unspecified error",
    ]
}

extension SessionStatus {
    /// What it means (IPMI 2.0 §13.24).
    var words: String {
        switch self {
        case .success: "success"
        case .insufficientResources: "insufficient resources for session"
        case .invalidSessionID: "invalid session ID"
        case .invalidAuthenticationAlgorithm: "invalid authentication algorithm"
        case .invalidIntegrityAlgorithm: "invalid integrity algorithm"
        case .invalidRole: "invalid role"
        case .unauthorizedRole: "unauthorized role or privilege"
        case .invalidNameLength: "invalid name length"
        case .unauthorizedName: "unauthorized name"
        case .invalidIntegrityCheckValue: "wrong password"
        case .invalidConfidentialityAlgorithm: "invalid confidentiality algorithm"
        case .noCipherSuiteMatch: "no cipher suite match"
        case .illegalParameter: "illegal parameter"
        }
    }
}
