import LabModel

/// What a run says: whether the engine coped, and why.
package struct Verdict: Sendable, Codable, Hashable {
    package enum Outcome: String, Sendable, Codable, CaseIterable {
        case passed
        /// The engine did not do what was expected.
        case failed
        /// A fault never bit, so that nothing was tested.
        case inconclusive
        /// The lab failed, which says nothing about the engine.
        case broken

        package var exitStatus: Int32 {
            switch self {
            case .passed: 0
            case .failed: 1
            case .inconclusive: 2
            case .broken: 3
            }
        }
    }

    /// One fault, from the run's end.
    package struct FaultReport: Sendable, Codable, Hashable {
        package var id: String
        package var kind: String
        package var nodes: [String]
        /// How often it bit.
        package var applied: Int
        /// Seconds from the run's start; nil when it never did.
        package var firstApplied: Double?
        /// Seconds from the run's start; nil when the run's end healed it.
        package var healed: Double?
    }

    /// One expectation, from the run's end.
    package struct ExpectationReport: Sendable, Codable, Hashable {
        package var file: String
        package var line: Int
        package var section: String
        package var expected: String
        package var saw: String
        package var holds: Bool

        package var text: String { "\(file):\(line): expected that \(expected); saw: \(saw)" }
    }

    package var scenario: String
    package var file: String
    package var pod: String
    package var seed: UInt64
    package var reproduces: [String]
    package var outcome: Outcome
    /// One line a reason, the weightiest first.
    package var reasons: [String]
    package var classification: Classification.Kind?
    package var faults: [FaultReport]
    package var expectations: [ExpectationReport]
    package var engine: String
    package var seconds: Double
    /// From the end of the last fault to the end of the engine.
    package var secondsToRecover: Double?
}
