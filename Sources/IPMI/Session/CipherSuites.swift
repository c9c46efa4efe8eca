/// Which cipher suites are on, each up to a level (IPMI 2.0 §23.1, LAN parameters 22 to 24).
package struct CipherSuites: Hashable, Sendable {
    /// By position in the list; nil switches a suite off.
    private var limits: [PrivilegeLevel?]

    /// All suites that this BMC can do, on or off: parameter 23.
    package static let all = CipherSuite.allCases

    init(_ enabled: [CipherSuite]) {
        limits = Self.all.map { enabled.contains($0) ? .administrator : nil }
    }

    /// Those that are on for a session of some level.
    package var enabled: [CipherSuite] { zip(Self.all, limits).compactMap { $1 == nil ? nil : $0 } }

    func limit(of suite: CipherSuite) -> PrivilegeLevel? {
        Self.all.firstIndex(of: suite).flatMap { limits[$0] }
    }

    /// The level of each suite of `all`, 0 for one that is off: parameter 24.
    package var levels: [UInt8] { limits.map { $0?.rawValue ?? 0 } }

    /// As parameter 24 has them, without the positions at which no suite stands; nil for levels that do not exist.
    package init?(levels: [UInt8]) {
        guard levels.count == Self.all.count,
            levels.allSatisfy({ $0 == 0 || PrivilegeLevel(rawValue: $0) != nil })
        else { return nil }
        limits = levels.map(PrivilegeLevel.init)
    }
}
