import LabModel

/// One way to break a download: an edit of what is about to be sent.
///
/// Each kind is a file of its own here.
package struct HTTPFault: Sendable {
    /// `http.stall`, as in the catalogue of faults.
    package let kind: String
    /// Edits the delivery, after claiming the turn; without a claim it must leave the delivery alone.
    ///
    /// It claims only when this delivery gives it something to act on: requests it cannot bite are not counted.
    let edit: @Sendable (inout Delivery, _ claim: () -> Claim?) -> Void

    init(_ kind: String, edit: @escaping @Sendable (inout Delivery, _ claim: () -> Claim?) -> Void) {
        (self.kind, self.edit) = (kind, edit)
    }
}

extension BodyPlace {
    /// Nil when the body ends before, or there: nothing would be left to hold back.
    func offset(in length: Int) -> Int? {
        let offset: Int
        switch self {
        case .bytes(let count): offset = count
        case .percent(let part) where part >= 0 && part < 100: offset = Int(Double(length) * part / 100)
        case .percent: return nil
        }
        return (0..<length).contains(offset) ? offset : nil
    }
}
