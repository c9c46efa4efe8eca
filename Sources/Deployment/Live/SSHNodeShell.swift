import LabModel
import SSH

/// Installed nodes over SSH, with the key that was made for this deployment.
package struct SSHNodeShell: NodeShell {
    private let key: String

    /// The path of the private key.
    package init(key: String) { self.key = key }

    /// A node makes its host key at its first boot, so there is none to know it by; the install network is trusted as
    /// it was a moment ago, when the node was installed over it.
    package func run(
        _ script: NodeScript,
        on address: IPv4Address,
        within limit: Duration
    ) async throws -> ShellOutcome {
        let session = try await SSHSession.connect(
            to: SSHEndpoint(host: "\(address)"),
            key: SSHKey(contentsOf: key),
            within: min(limit, .seconds(15)),
            silence: limit
        )
        let result: SSHResult
        do {
            result = try await session.run("sh -s", input: Array(script.text.utf8), within: limit)
        } catch {
            await session.close()
            throw error
        }
        await session.close()
        guard result.signal == nil else { throw DeployError("ended by signal \(result.signal ?? "")") }
        return ShellOutcome(
            status: Int(result.status),
            output: result.outputText,
            errors: result.errorText
        )
    }
}
