/// Why a deployment ended without success: where, with whom, and what to do.
package struct DeployError: Error, Hashable, Sendable, CustomStringConvertible {
    package enum Kind: Sendable, Hashable {
        /// The deployment went wrong (exit 1).
        case failed
        /// Something on the command line or in the work folder is wrong (exit 64).
        case usage
        /// A file that a person wrote is wrong (exit 65).
        case badInput
    }

    package var kind: Kind
    package var message: String
    package var hint: String?

    package init(_ message: String, kind: Kind = .failed, hint: String? = nil) {
        (self.kind, self.message, self.hint) = (kind, message, hint)
    }

    package var description: String { message + (hint.map { "; \($0)" } ?? "") }
}
