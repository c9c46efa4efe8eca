/// How a client's ClientHello is going to be answered, as faults have edited it.
struct TLSAnswer: Sendable {
    /// Instead of a handshake.
    var alert: TLSAlert?
    var face = TLSOpener.Face.honest
}
