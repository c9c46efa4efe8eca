/// What a session may do (IPMI 2.0 §6.8).
package enum PrivilegeLevel: UInt8, Comparable, Sendable, CaseIterable {
    case callback = 1
    case user = 2
    case `operator` = 3
    case administrator = 4

    package static func < (left: Self, right: Self) -> Bool { left.rawValue < right.rawValue }
}
