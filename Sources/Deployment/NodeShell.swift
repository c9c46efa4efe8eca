import LabModel

/// A shell script for an installed node, with a name by which logs speak of it.
package struct NodeScript: Hashable, Sendable {
    package enum Name: String, Sendable, CaseIterable {
        case greet, network, ntp, setClock, readClock, package, role, verify
    }

    package var name: Name
    package var text: String

    package init(_ name: Name, _ text: String) { (self.name, self.text) = (name, text) }
}

/// What a script left behind.
package struct ShellOutcome: Hashable, Sendable {
    package var status: Int
    package var output: String
    package var errors: String

    package init(status: Int, output: String = "", errors: String = "") {
        (self.status, self.output, self.errors) = (status, output, errors)
    }
}

/// What a deployment needs from installed nodes.
package protocol NodeShell: Sendable {
    /// Runs a script as root; throws when the node cannot be reached or does not end in time.
    func run(
        _ script: NodeScript,
        on address: IPv4Address,
        within limit: Duration
    ) async throws -> ShellOutcome
}
