/// A place in the body of one response, counted as it is served: a resumed download starts at 0 again.
package enum BodyPlace: Hashable, Sendable, CustomStringConvertible {
    /// After so many bytes.
    case bytes(Int)
    /// After so much of this response's body, rounded down to a byte; from 0 to below 100.
    case percent(Double)

    package var description: String {
        switch self {
        case .bytes(let count): "byte \(count)"
        case .percent(let part): "\(part == part.rounded() ? "\(Int(part))" : "\(part)") %"
        }
    }
}
