/// What time it is in the BMC's records (IPMI 2.0 §31.10 to §31.11b).
struct SystemClock: Sendable {
    /// Seconds since 1970 at the moment that times count from.
    private var epoch: UInt32
    /// Minutes from UTC to local time; `unspecified` until somebody says.
    private(set) var offset: UInt16 = unspecified

    static let unspecified: UInt16 = 0x07FF

    init(epoch: UInt32) { self.epoch = epoch }

    func seconds(at now: Duration) -> UInt32 {
        epoch &+ UInt32(truncatingIfNeeded: now.components.seconds)
    }

    mutating func set(_ seconds: UInt32, at now: Duration) {
        epoch = seconds &- UInt32(truncatingIfNeeded: now.components.seconds)
    }

    /// Up to 24 hours either way; false for anything else.
    mutating func setOffset(_ offset: UInt16) -> Bool {
        guard offset == Self.unspecified || (-1440...1440).contains(Int16(bitPattern: offset)) else {
            return false
        }
        self.offset = offset
        return true
    }
}
