/// Who may read a repository piece by piece or delete from it: whoever has the last number given out, until
/// something changes (IPMI 2.0 §31.4 and §33.11).
struct Reservation: Sendable {
    private var last: UInt16 = 0
    private var isHeld = false

    mutating func take() -> UInt16 {
        last = last == .max ? 1 : last + 1
        isHeld = true
        return last
    }

    mutating func cancel() { isHeld = false }

    func holds(_ number: UInt16) -> Bool { isHeld && number == last }
}
