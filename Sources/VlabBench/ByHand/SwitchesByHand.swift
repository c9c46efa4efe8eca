import LabModel
import Subprocess

/// Bridges and taps with ip(8), as a person would make them; not part of the time that is taken.
enum SwitchesByHand {
    /// What a node's port is called: numbers, because names have 15 characters at most.
    static func tap(_ node: Int, _ nic: Int) -> String { "n\(node)-\(nic)" }

    static func make(for pod: Pod) async throws {
        var lines = ["link set lo up"]
        for name in pod.positions { lines += ["link add name \(name) type bridge", "link set \(name) up"] }
        for (index, node) in pod.nodes.enumerated() {
            for (position, nic) in node.nics.enumerated() {
                let tap = tap(index, position)
                lines += [
                    "tuntap add dev \(tap) mode tap", "link set \(tap) master \(nic.name)",
                    "link set \(tap) up",
                ]
            }
        }
        let result = try await Subprocess.run(
            .name("ip"),
            arguments: ["-batch", "-"],
            input: .string(lines.joined(separator: "\n") + "\n"),
            output: .discarded,
            error: .string(limit: 1 << 16)
        )
        guard result.terminationStatus.isSuccess else { throw BenchError("ip: \(result.standardError)") }
    }
}
