/// Parameter 0 of every set of configuration parameters: a notice to others that somebody is writing, not a lock
/// (IPMI 2.0 §23.2, §26.3 and §28.13).
///
/// Void once that session has ended.
struct SetInProgress: Hashable, Sendable {
    private var writer: UInt32?

    mutating func set(
        _ value: UInt8,
        by session: UInt32,
        isOpen: (UInt32) -> Bool
    ) throws(CompletionFailure) {
        switch value & 0x03 {
        case 0x00: writer = nil
        case 0x01:
            if let writer, writer != session, isOpen(writer) { throw CompletionFailure(.setInProgress) }
            writer = session
        // «Commit write» is for a BMC that can roll back; writes take effect at once here.
        default: throw CompletionFailure(.invalidField)
        }
    }

    func state(_ isOpen: (UInt32) -> Bool) -> UInt8 { writer.map(isOpen) ?? false ? 0x01 : 0x00 }
}
