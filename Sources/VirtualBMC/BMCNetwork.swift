import LabModel

/// The network that a BMC is in, as far as the BMC has its own address in it.
package protocol BMCNetwork: Sendable {
    /// From then on packets to that address arrive here; throws when it cannot be had, such as when it is another's.
    func add(_ address: IPv4Address) async throws

    /// Packets to that address arrive here no more.
    func remove(_ address: IPv4Address) async throws
}
