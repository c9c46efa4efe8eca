import Clibssh2

/// An SSH session that could not do what it was asked, with the code of libssh2 or of the operating system.
package struct SSHError: Error, Hashable, Sendable, CustomStringConvertible {
    package enum Kind: String, Hashable, Sendable {
        /// The name has no address.
        case unknownHost = "unknown host"
        /// Nobody listens there.
        case refused = "connection refused"
        /// No way to the address.
        case unreachable
        /// The limit that the caller set is over.
        case timedOut = "timed out"
        /// There was a connection, and it is gone.
        case disconnected
        /// The host shows another key than the one it is known by.
        case hostKeyChanged = "host key changed"
        /// The host does not want this user with this key.
        case authentication = "authentication failed"
        /// The key cannot be read or made.
        case invalidKey = "invalid key"
        /// The host refused or broke off a command.
        case channel
        /// The two sides do not understand each other.
        case handshake
        /// A file of ours could not be read or written.
        case file
        case cancelled
    }

    package let kind: Kind
    /// libssh2's error, which is negative, or else an `errno`; 0 if neither was at fault.
    package let code: Int32
    package let message: String
    /// What was being done, such as `connect`.
    package let action: String
    /// To whom, such as `root@10.20.0.50:22`.
    package let subject: String

    package var description: String {
        let reason = message.isEmpty ? kind.rawValue : "\(kind.rawValue): \(message)"
        return "\(subject): \(action) failed: \(reason)" + (code == 0 ? "" : " (error \(code))")
    }

    /// Whether the session is of no more use, so that a new one has to be opened.
    package var endsSession: Bool { kind != .channel && kind != .file }
}
