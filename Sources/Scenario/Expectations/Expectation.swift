import LabModel
import YAML

/// What must hold, and where the scenario says so.
package struct Expectation: Sendable {
    package var place: SourcePlace
    package var kind: any ExpectationKind
    /// Counted from the moment when the last fault has healed.
    package var within: Duration?

    /// `engine.status SUCCESSFUL within 25m00s`.
    var prose: String { kind.prose + (within.map { " within \($0.brief)" } ?? "") }
}

/// One kind of expectation.
///
/// One file a kind; `ExpectationCatalogue` lists them.
package protocol ExpectationKind: Sendable {
    static var form: Form { get }
    /// Nil when something in the file is wrong, which the reader then knows.
    init?(_ node: YAMLNode, _ reader: inout YAMLReader)
    var selector: NodeSelector { get }
    /// What is expected, without «expected».
    var prose: String { get }
    func watch(_ nodes: [Node]) -> any ExpectationWatch
}

/// An expectation during a run: it sees every event and always knows how it stands.
package protocol ExpectationWatch: Sendable {
    mutating func observe(_ event: LabEvent)
    var finding: Finding { get }
}

/// How an expectation stands.
package enum Finding: Hashable, Sendable {
    /// Come true for good.
    case met(saw: String)
    /// Can no longer come true.
    case violated(saw: String)
    /// Undecided; `suffices` tells how it counts if the run ends now.
    case open(saw: String, suffices: Bool)

    package var saw: String {
        switch self {
        case .met(let saw), .violated(let saw), .open(let saw, _): saw
        }
    }

    /// Whether the run may end like this.
    package var holds: Bool {
        switch self {
        case .met: true
        case .violated: false
        case .open(_, let suffices): suffices
        }
    }
}

extension ExpectationKind {
    /// The initializer, for callers that only know the kind at run time.
    static func read(_ node: YAMLNode, _ reader: inout YAMLReader) -> (any ExpectationKind)? {
        Self(node, &reader)
    }
}
