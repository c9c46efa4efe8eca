/// One problem in a file that a person wrote, at the place where it is.
package struct Diagnostic: Hashable, Sendable, Codable, CustomStringConvertible {
    /// A note only says what is good to know.
    package enum Severity: String, Sendable, Codable, CaseIterable { case error, warning, note }

    package var file: String
    /// From 1.
    package var line: Int
    /// From 1, in characters.
    package var column: Int
    package var severity: Severity
    package var message: String
    /// What to do now.
    package var hint: String?
    /// What was checked, by a name that stays the same when the message's words change.
    package var rule: String?

    package init(
        file: String,
        line: Int,
        column: Int,
        severity: Severity = .error,
        message: String,
        hint: String? = nil,
        rule: String? = nil
    ) {
        (self.file, self.line, self.column) = (file, line, column)
        (self.severity, self.message, self.hint, self.rule) = (severity, message, hint, rule)
    }

    /// As compilers write it: `pod.yaml:12:7: error: …`.
    package var description: String {
        "\(file):\(line):\(column): \(severity.rawValue): \(message)" + (hint.map { "; \($0)" } ?? "")
    }
}

/// All the problems of a file at once.
package struct Diagnostics: Error, Hashable, Sendable, CustomStringConvertible {
    package var all: [Diagnostic]
    package init(_ all: [Diagnostic]) { self.all = all }
    package var hasErrors: Bool { all.contains { $0.severity == .error } }
    package var description: String { all.map(\.description).joined(separator: "\n") }
}
