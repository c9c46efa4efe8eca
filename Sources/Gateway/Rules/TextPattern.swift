import Foundation
import LabModel

/// A pattern of a host or a path: a glob such as `**/disk.img`, or a regular expression behind a tilde, `~^/pool/.*\.deb$`.
package struct TextPattern: Sendable, Hashable, Codable, ExpressibleByStringLiteral, CustomStringConvertible {
    private enum Form: Hashable, Sendable {
        case glob(Glob)
        case expression(NSRegularExpression)
    }

    package let description: String
    private let form: Form

    /// Throws when what stands behind the tilde is no regular expression.
    package init(_ text: String) throws(FaultError) {
        description = text
        guard text.hasPrefix("~") else {
            form = .glob(Glob(text))
            return
        }
        do {
            form = .expression(try NSRegularExpression(pattern: String(text.dropFirst())))
        } catch {
            throw .badPattern(text)
        }
    }

    package init(_ glob: Glob) { (description, form) = (glob.description, .glob(glob)) }

    /// What is written into a program must be right.
    package init(stringLiteral text: String) {
        do {
            try self.init(text)
        } catch {
            preconditionFailure("\(error)")
        }
    }

    package init(from decoder: any Decoder) throws {
        try self.init(decoder.singleValueContainer().decode(String.self))
    }

    package func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(description)
    }

    /// For names of hosts, which are known in lower case; an expression says itself what it matches.
    var ofHosts: TextPattern {
        if case .glob = form { TextPattern(Glob(description.lowercased())) } else { self }
    }

    package func matches(_ text: String) -> Bool {
        switch form {
        case .glob(let glob): glob.matches(text)
        case .expression(let expression):
            expression.firstMatch(in: text, range: NSRange(text.startIndex..., in: text)) != nil
        }
    }
}
