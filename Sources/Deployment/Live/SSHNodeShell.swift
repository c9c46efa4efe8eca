import LabModel

/// Installed nodes over SSH, with the key that was made for this deployment.
package struct SSHNodeShell: NodeShell {
    private let key: String

    /// The path of the private key.
    package init(key: String) { self.key = key }

    package func run(
        _ script: NodeScript,
        on address: IPv4Address,
        within limit: Duration
    ) async throws -> ShellOutcome {
        // Host keys are made at a node's first boot, so there is none to know yet; the install network is trusted
        // because the nodes were installed over it a moment ago.
        let options = [
            "BatchMode=yes", "StrictHostKeyChecking=no", "UserKnownHostsFile=/dev/null",
            "ConnectTimeout=5", "LogLevel=ERROR",
        ]
        let program = HostProgram(
            name: "ssh",
            arguments: ["-i", key] + options.flatMap { ["-o", $0] } + ["root@\(address)", "sh -s"],
            input: script.text
        )
        let outcome = try await program.run(within: limit)
        guard let status = outcome.status, status != 255 else {
            throw DeployError("SSH to \(address): \(outcome.errors.split(separator: "\n").last ?? "killed")")
        }
        return ShellOutcome(status: status, output: outcome.output, errors: outcome.errors)
    }
}
