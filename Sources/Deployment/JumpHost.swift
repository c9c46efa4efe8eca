import LabModel

/// What a deployment needs from the machine that it runs on.
package protocol JumpHost: Sendable {
    /// The interface that has the address; nil when none does.
    func interface(holding address: IPv4Address) async throws -> String?
    /// Those of the programs that are not in the path.
    func missing(_ programs: [String]) -> [String]
    /// The name servers that it asks itself and that nodes reach through it: not those that listen on its loopback.
    func nameServers() -> [IPv4Address]
    /// The public half of the key at `path`, which is made when it is not there.
    func publicKey(at path: String) async throws -> String
}
