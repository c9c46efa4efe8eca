/// A remote console's wish for a session (IPMI 2.0 §13.17).
struct OpenSessionRequest: Hashable, Sendable {
    var tag: UInt8
    /// The highest level it will ask for; 0 stands for the highest that there is.
    var privilege: UInt8
    var consoleID: UInt32
    /// Each algorithm by number; nil leaves the choice to the BMC.
    var authentication: UInt8?
    var integrity: UInt8?
    var confidentiality: UInt8?

    /// Nil unless it has the length that every such request has.
    init?(decoding bytes: ArraySlice<UInt8>) {
        guard bytes.count == 32 else { return nil }
        var reader = ByteReader(bytes)
        guard let tag = reader.byte(), let privilege = reader.byte(), reader.bytes(2) != nil,
            let consoleID = reader.littleEndian32(),
            let algorithms = Self.algorithms(&reader)
        else { return nil }
        (self.tag, self.privilege, self.consoleID) = (tag, privilege & 0x0F, consoleID)
        (authentication, integrity, confidentiality) = algorithms
    }

    private static func algorithms(_ reader: inout ByteReader) -> (UInt8?, UInt8?, UInt8?)? {
        var found: [UInt8?] = []
        for kind in 0..<UInt8(3) {
            guard let block = reader.bytes(8).map(Array.init), block[0] == kind else { return nil }
            switch block[3] {
            case 0x00: found.append(nil)
            case 0x08: found.append(block[4] & 0x3F)
            default: return nil
            }
        }
        return (found[0], found[1], found[2])
    }

    /// The highest level it will ask for; nil leaves that to the suite (IPMI 2.0 §13.17).
    var level: PrivilegeLevel? {
        get throws(SessionStatus) {
            if privilege == 0 { return nil }
            guard let level = PrivilegeLevel(rawValue: privilege) else { throw .invalidRole }
            return level
        }
    }

    /// The suite to use, and its limit: of those that match, the one with the greatest number.
    func suite(
        in suites: CipherSuites,
        for level: PrivilegeLevel?
    ) throws(SessionStatus) -> (CipherSuite, PrivilegeLevel) {
        let enabled = suites.enabled
        func refuses(_ wish: UInt8?, _ offers: (CipherSuite) -> UInt8) -> Bool {
            wish.map { wish in !enabled.contains { offers($0) == wish } } ?? false
        }
        if refuses(authentication, { $0.authentication.rawValue }) { throw .invalidAuthenticationAlgorithm }
        if refuses(integrity, { $0.integrity.rawValue }) { throw .invalidIntegrityAlgorithm }
        if refuses(confidentiality, { $0.confidentiality.rawValue }) {
            throw .invalidConfidentialityAlgorithm
        }
        let matching = enabled.filter {
            $0.authentication.rawValue == authentication ?? $0.authentication.rawValue
                && $0.integrity.rawValue == integrity ?? $0.integrity.rawValue
                && $0.confidentiality.rawValue == confidentiality ?? $0.confidentiality.rawValue
        }
        let best = matching.max { $0.rawValue < $1.rawValue }
        guard let suite = best, let limit = suites.limit(of: suite) else { throw .noCipherSuiteMatch }
        // A suite that is too weak for the level does not match the proposal.
        if let level, limit < level { throw .noCipherSuiteMatch }
        return (suite, limit)
    }

    /// The answer that says no, which ends after the console's session ID.
    func refusal(_ status: SessionStatus) -> [UInt8] {
        var bytes = [tag, status.rawValue, 0, 0]
        bytes.append(littleEndian: consoleID)
        return bytes
    }

    /// The answer that says yes (IPMI 2.0 §13.18).
    func response(_ suite: CipherSuite, maximum: PrivilegeLevel, managedID: UInt32) -> [UInt8] {
        var bytes = [tag, SessionStatus.success.rawValue, maximum.rawValue, 0]
        bytes.append(littleEndian: consoleID)
        bytes.append(littleEndian: managedID)
        bytes += [0, 0, 0, 8, suite.authentication.rawValue, 0, 0, 0]
        bytes += [1, 0, 0, 8, suite.integrity.rawValue, 0, 0, 0]
        bytes += [2, 0, 0, 8, suite.confidentiality.rawValue, 0, 0, 0]
        return bytes
    }
}
