/// What whoever runs a `BMC` shall do for it.
package enum Action: Hashable, Sendable {
    case send([UInt8], to: Client)
    /// Have the machine do that, then tell the BMC with `complete`.
    case perform(Operation, Ticket)
    /// What `ask` began has ended so.
    case settled(Ticket, CompletionCode)
    /// The flags lapsed: the machine boots as its firmware likes.
    case forgetBoot
    case identify(Identification)
    /// Somebody types at the machine's serial port.
    case type([UInt8])
    /// The serial line is held in its break state for a moment.
    case sendBreak
    case report(Report)
    /// The BMC misbehaved, as it was told to.
    case bit(Bite)
    /// A datagram got no answer.
    case drop(PacketError)

    /// Whether it takes the BMC's socket.
    package var isSend: Bool { if case .send = self { true } else { false } }
}
