/// What the machine does when power comes back (IPMI 2.0 §28.8).
package enum PowerRestorePolicy: UInt8, Sendable, CaseIterable {
    case staysOff = 0
    case asBefore = 1
    case alwaysOn = 2
}
