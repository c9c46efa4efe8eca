/// Which of the requests that a rule matches it bites.
///
/// Only those count that give the fault something to act on: a stall at byte 1,000 does not count a body of 10 bytes.
package enum Occurrence: Hashable, Sendable {
    case always
    /// The first so many, of each client or of all together.
    case first(Int, perClient: Bool)
    /// Only this one, counted from 1.
    case nth(Int, perClient: Bool)
}
