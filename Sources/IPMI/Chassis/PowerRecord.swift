/// What the BMC remembers of its machine's power.
struct PowerRecord: Sendable {
    /// The machine has failed to do what the last Chassis Control asked for (IPMI 2.0 §28.2, power control fault).
    var hasControlFault = false
    private var time: Duration = .zero
    /// Since when it is on; nil while it is off.
    private var since: Duration?

    mutating func observe(_ isPowered: Bool, at now: Duration) {
        if isPowered {
            if since == nil { since = now }
        } else if let start = since {
            (time, since) = (time + (now - start), nil)
        }
    }

    /// Get POH Counter: in minutes, so that a lab sees it count (IPMI 2.0 §28.14).
    func counter(at now: Duration) -> [UInt8] {
        let powered = time + (since.map { now - $0 } ?? .zero)
        var answer: [UInt8] = [1]
        answer.append(littleEndian: UInt32(clamping: powered.components.seconds / 60))
        return answer
    }
}
