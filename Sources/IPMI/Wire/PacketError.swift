/// Why a datagram was dropped without an answer.
package enum PacketError: Error, Hashable, Sendable {
    /// It ends before its fields do, or goes on after them.
    case wrongLength
    /// Another version, class or kind of message than those that a BMC answers.
    case notForUs
    case wrongChecksum
    /// Nobody logged in under that session ID.
    case unknownSession
    /// Not signed or not encrypted although the session's cipher suite says so, or the other way round.
    case wrongProtection
    case wrongIntegrityCode
    /// The confidentiality trailer is not what the sender must have put there.
    case wrongPadding
    /// Received before, or too far from the last one.
    case outsideSequenceWindow
    /// The channel's settings let nobody in.
    case channelDisabled
    /// The BMC restarts.
    case offline
    /// The same request is already being worked on; its answer will come.
    case alreadyInProgress
}
