import Foundation

/// A regular expression, checked when the scenario is read.
package struct Pattern: Sendable, Hashable, CustomStringConvertible {
    package let description: String
    private let expression: NSRegularExpression

    /// Nil when the text is no regular expression.
    package init?(_ text: String) {
        guard let expression = try? NSRegularExpression(pattern: text) else { return nil }  // Nil says it.
        (description, self.expression) = (text, expression)
    }

    package func matches(_ text: String) -> Bool {
        expression.firstMatch(in: text, range: NSRange(text.startIndex..., in: text)) != nil
    }
}
