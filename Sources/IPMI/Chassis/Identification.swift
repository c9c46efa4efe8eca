/// The light by which a person finds the machine (IPMI 2.0 §28.5, Chassis Identify).
package enum Identification: Hashable, Sendable {
    case off
    /// It goes out by itself.
    case temporary(until: Duration)
    case indefinite

    /// As Get Chassis Status has it (IPMI 2.0 §28.2).
    var status: UInt8 {
        switch self {
        case .off: 0
        case .temporary: 1
        case .indefinite: 2
        }
    }
}
