/// The commands of network function Storage (IPMI 2.0 §31, §33 and §34, Appendix G).
package enum StorageCommand: UInt8, Sendable, CaseIterable {
    case getSELTime = 0x48

    static let function: UInt8 = 0x0A

    /// As the standard calls it.
    var name: String {
        switch self {
        case .getSELTime: "Get SEL Time"
        }
    }

    /// The level that it takes.
    var privilege: PrivilegeLevel {
        switch self {
        case .getSELTime: .user
        }
    }

    /// Whether doing it twice differs from doing it once.
    var hasEffect: Bool {
        switch self {
        case .getSELTime: false
        }
    }
}
