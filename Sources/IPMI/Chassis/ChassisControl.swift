/// What Chassis Control can ask of the machine (IPMI 2.0 §28.3).
package enum ChassisControl: UInt8, Sendable, CaseIterable {
    case powerDown = 0x0
    case powerUp = 0x1
    case powerCycle = 0x2
    case hardReset = 0x3
    case diagnosticInterrupt = 0x4
    case softShutdown = 0x5

    /// Makes no sense for a machine that is off.
    package var needsPower: Bool {
        switch self {
        case .powerDown, .powerUp: false
        case .powerCycle, .hardReset, .diagnosticInterrupt, .softShutdown: true
        }
    }

    /// Whether the machine boots because of it.
    func boots(poweredBefore: Bool) -> Bool {
        switch self {
        case .powerUp: !poweredBefore
        case .powerCycle, .hardReset: true
        case .powerDown, .diagnosticInterrupt, .softShutdown: false
        }
    }
}
