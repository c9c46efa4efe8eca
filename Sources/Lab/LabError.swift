/// Something about a lab that failed: what, why, and what to do now.
package struct LabError: Error, CustomStringConvertible {
    package var subject: String
    package var reason: String
    package var hint: String?

    package init(_ subject: String, _ reason: String, hint: String? = nil) {
        (self.subject, self.reason, self.hint) = (subject, reason, hint)
    }

    package var description: String { "\(subject): \(reason)" + (hint.map { "; \($0)" } ?? "") }
}
