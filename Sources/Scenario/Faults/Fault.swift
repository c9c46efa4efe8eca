import LabModel
import YAML

/// A fault of a scenario: what it does, to whom, and when it heals.
package struct Fault: Sendable {
    package var id: String
    package var place: SourcePlace
    package var kind: any FaultKind
    package var until: Until

    package init(id: String, place: SourcePlace, kind: any FaultKind, until: Until) {
        (self.id, self.place, self.kind, self.until) = (id, place, kind, until)
    }
}

/// One kind of fault: what it is called, how it is written and how it is done.
///
/// One file a kind; `FaultKinds` lists them.
package protocol FaultKind: Sendable {
    var form: Form { get }
    var selector: NodeSelector { get }
    var nic: NICSelector? { get }
    /// When it heals unless the file says otherwise.
    var defaultUntil: Until { get }
    /// What it does, as a sentence without its full stop.
    var prose: String { get }
    /// At work on these nodes; the seed decides what is left to chance.
    func run(id: String, nodes: [Node], pod: Pod, seed: UInt64) -> any FaultRun
}

/// The parts of a fault in the file, their keys checked.
package struct FaultSource {
    package var position: YAMLNode.Position
    package var place: YAMLReader.Mapping?
    package var arguments: YAMLReader.Mapping?
    package var when: YAMLReader.Mapping?
}

/// A fault at work: it is told what happens and answers what to do.
package protocol FaultRun: Sendable {
    /// Before the engine starts.
    mutating func arm() -> [FaultStep]
    mutating func receive(_ signal: FaultSignal) -> [FaultStep]
}

/// What a fault at work is told.
package enum FaultSignal: Sendable {
    case engineStarted
    /// A change that it asked for has been made, or undone.
    case applied(Change)
    case healed(Change)
    /// One of its rules acted on a node's request; nil when nobody knows whose.
    case bit(rule: String, node: String?)
    /// One of its rules holds a download.
    case paused(rule: String)
    case waited(String)
    case event(LabEvent)
    /// It is to heal now, whatever it still had in mind.
    case stop
}

/// What a fault at work wants done.
package enum FaultStep: Sendable, Hashable {
    case apply(Change)
    case heal(Change)
    /// The download that a rule holds may go on.
    case release(rule: String)
    /// It acted on a node.
    case applied(node: String?, details: LabEvent.Details)
    /// A rule of the gateway acted, which the gateway reports itself.
    case counted
    /// It is over.
    case healed
    case wait(Duration, key: String)
}
