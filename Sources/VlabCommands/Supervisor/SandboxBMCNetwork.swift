import LabModel
import Sandbox
import VirtualBMC

/// The lab's network as a BMC has an address in it.
struct SandboxBMCNetwork: BMCNetwork {
    let pod: Pod

    /// The addresses that the pod gives to somebody else are not to be had.
    func add(_ address: IPv4Address) async throws {
        guard !isTaken(address) else { throw ChassisError.notInPresentState }
        try await SandboxNetwork.add("\(address)/32", to: interface(for: address))
    }

    func remove(_ address: IPv4Address) async throws {
        try await SandboxNetwork.remove("\(address)/32", from: interface(for: address))
    }

    private func isTaken(_ address: IPv4Address) -> Bool {
        pod.networks.contains { network in
            pod.jumpHost(on: network) == address
                || pod.nodes.contains { pod.address(of: $0.name, on: network) == address }
        }
    }

    /// The switch of the network that the address is of, else none.
    private func interface(for address: IPv4Address) -> String {
        SandboxPlan.interface(for: address, in: pod)
    }
}
