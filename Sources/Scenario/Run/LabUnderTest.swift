import Gateway
import IPMI
import LabModel

/// What a run needs of a lab that is up.
package protocol LabUnderTest: Sendable {
    var pod: Pod { get }
    /// Everything that happens from now on, in order; ends when the lab does.
    func events() async throws -> AsyncStream<LabEvent>
    /// Sets the carrier of a NIC; setting what is set already is no error.
    func setLink(of node: String, nic: String, up: Bool) async throws
    /// Installs a rule in the gateway.
    func install(_ rule: Rule) async throws
    /// Holds a download in its middle until `hook` has returned.
    func pause(_ pause: Pause, hook: @escaping @Sendable () async -> Void) async throws
    /// Removes a rule or a pause and lets go what it holds; a rule that is not there is no error.
    func removeRule(_ id: String) async throws
    /// Has a node's BMC misbehave for that fault; nil takes back what it did for it, and is no error if that is nothing.
    func misbehave(_ node: String, _ misbehaviour: Misbehaviour?, for fault: String) async throws
    /// Whether the node's BMC answers somebody who asks as an engine would.
    func bmcAnswers(of node: String) async throws -> Bool
}

/// What a run needs of the engine.
package protocol EngineUnderTest: Sendable {
    /// Runs the engine to its end and reports each line of its output; when cancelled, ends it and returns.
    func run(
        _ spec: EngineSpec,
        onLine: @escaping @Sendable (String) -> Void
    ) async throws(EngineStartError) -> EngineEnd
}

/// How an engine ended.
package enum EngineEnd: Hashable, Sendable, CustomStringConvertible {
    case exited(Int32)
    case signalled(Int32)

    package var description: String {
        switch self {
        case .exited(let status): "exit status \(status)"
        case .signalled(let signal): "killed by signal \(signal)"
        }
    }
}

/// The engine could not even be started, which is no verdict on it.
package struct EngineStartError: Error, CustomStringConvertible {
    package var program: String
    package var reason: String
    package init(program: String, reason: String) { (self.program, self.reason) = (program, reason) }
    package var description: String {
        "engine: cannot start \(program): \(reason). Check “engine:” in the scenario."
    }
}

extension LabUnderTest {
    /// Undoes a change, whoever made it.
    func heal(_ remedy: Remedy) async throws {
        switch remedy.kind {
        case .linkUp: try await setLink(of: remedy.node ?? "", nic: remedy.nic ?? "", up: true)
        case .removeRule: try await removeRule(remedy.rule ?? "")
        case .behave: try await misbehave(remedy.node ?? "", nil, for: remedy.rule ?? "")
        }
    }
}
