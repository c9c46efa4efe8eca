/// One problem in a file that a person wrote, at the place where it is.
package struct Diagnostic: Hashable, Sendable, Codable, CustomStringConvertible {
    package enum Severity: String, Sendable, Codable { case error, warning }

    package var file: String
    /// From 1.
    package var line: Int
    /// From 1, in characters.
    package var column: Int
    package var severity: Severity
    package var message: String
    /// What to do now.
    package var hint: String?

    package init(
        file: String,
        line: Int,
        column: Int,
        severity: Severity = .error,
        message: String,
        hint: String? = nil
    ) {
        (self.file, self.line, self.column) = (file, line, column)
        (self.severity, self.message, self.hint) = (severity, message, hint)
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
