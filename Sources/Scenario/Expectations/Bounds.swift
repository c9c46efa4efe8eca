import Foundation
import YAML

/// How often something may happen: `<=2`, `>=1`, `3..6` or `3`.
package struct Bounds: Hashable, Sendable, CustomStringConvertible {
    package let description: String
    let least: Int
    let most: Int

    package init?(_ text: String) {
        func number(_ part: some StringProtocol) -> Int? { Int(part).flatMap { $0 >= 0 ? $0 : nil } }
        let least: Int?
        let most: Int?
        if text.hasPrefix("<=") {
            (least, most) = (0, number(text.dropFirst(2)))
        } else if text.hasPrefix(">=") {
            (least, most) = (number(text.dropFirst(2)), .max)
        } else if let dots = text.range(of: "..") {
            (least, most) = (number(text[..<dots.lowerBound]), number(text[dots.upperBound...]))
        } else {
            (least, most) = (number(text), number(text))
        }
        guard let least, let most, least <= most else { return nil }
        (description, self.least, self.most) = (text, least, most)
    }

    /// How counts stand: beyond the most is final, below the least is not.
    func finding(_ counts: [String: Int]) -> Finding {
        let saw = counts.sorted { $0.key < $1.key }.map { "\($0.key) \($0.value)" }.joined(separator: ", ")
        if counts.values.contains(where: { $0 > most }) { return .violated(saw: saw) }
        return .open(saw: saw, suffices: counts.values.allSatisfy { $0 >= least })
    }
}

extension YAMLReader {
    mutating func bounds(_ node: YAMLNode?, _ what: String) -> Bounds? {
        value(node, what, example: "\"<=2\", \">=1\", \"3..6\" or 3") { Bounds($0) }
    }
}
