/// How packets of IPMI v1.5 are authenticated (IPMI 2.0 §13.6).
package enum AuthenticationType: UInt8, Sendable {
    case none = 0x00
    case md2 = 0x01
    case md5 = 0x02
    case password = 0x04

    /// Its bit where types are listed.
    var bit: UInt8 { 1 << rawValue }
}

/// Which authentication types of v1.5 are on for each level (IPMI 2.0 §23.1, LAN parameters 1 and 2).
package struct AuthenticationTypes: Hashable, Sendable {
    /// Those that this BMC can do: MD5 and the password itself.
    ///
    /// Without authentication nobody logs in, and MD2 is of the last century.
    package static let supported = AuthenticationType.md5.bit | AuthenticationType.password.bit

    /// A mask for callback, user, operator, administrator and the vendor's own level.
    package private(set) var masks: [UInt8]

    /// All that there are, for everybody.
    init() { masks = Array(repeating: Self.supported, count: 4) + [0] }

    /// As parameter 2 has them; nil for anything that this BMC cannot do.
    package init?(masks: [UInt8]) {
        guard masks.count == 5, masks.allSatisfy({ $0 & ~Self.supported == 0 }), masks[4] == 0 else {
            return nil
        }
        self.masks = masks
    }

    package func mask(for level: PrivilegeLevel) -> UInt8 { masks[Int(level.rawValue) - 1] }

    func allow(_ type: AuthenticationType, for level: PrivilegeLevel) -> Bool {
        mask(for: level) & type.bit != 0
    }

    /// Whether it is on for any level.
    func allow(_ type: AuthenticationType) -> Bool { masks.contains { $0 & type.bit != 0 } }
}
