import Gateway
import IPMI
import Lab
import LabModel
import Scenario
import Subprocess
import VirtualBMC

/// The lab as a scenario breaks it: links of the machines, rules in the gateway, and BMCs that misbehave.
struct RackedLab: LabUnderTest {
    let lab: Lab
    let gateway: Gateway
    let bmcs: BMCRack

    var pod: Pod { lab.pod }

    func events() async throws -> AsyncStream<LabEvent> { lab.events.listen() }

    func setLink(of node: String, nic: String, up: Bool) async throws {
        try await lab.machine(node).setLink(nic, up: up)
    }

    func install(_ rule: Rule) async throws {
        try gateway.install(rule)
        await gateway.settle()
    }

    func pause(_ pause: Pause, hook: @escaping @Sendable () async -> Void) async throws {
        try gateway.pause(
            pause.id,
            pause.match,
            .first(1, perClient: false),
            at: pause.place,
            hook: hook
        )
    }

    func removeRule(_ id: String) async throws {
        gateway.remove(id)
        await gateway.settle()
    }

    func misbehave(_ node: String, _ misbehaviour: Misbehaviour?, for fault: String) async throws {
        let bmc = try bmcs.bmc(of: node)
        if let misbehaviour {
            bmc.misbehave(misbehaviour, by: .fault(fault))
        } else {
            bmc.behave(by: .fault(fault))
        }
    }

    /// ipmitool gives a BMC up by itself, after half a minute at most.
    private static let patience = Duration.seconds(60)

    /// As an engine asks: a whole session, with the node's own user and password.
    func bmcAnswers(of node: String) async throws -> Bool {
        guard let bmc = pod.node(named: node)?.bmc else { return false }
        return try await withThrowingTaskGroup { group in
            group.addTask {
                let result = try await Subprocess.run(
                    .name("ipmitool"),
                    arguments: [
                        "-I", "lanplus", "-H", "\(bmc.address)", "-U", bmc.user, "-E", "power", "status",
                    ],
                    environment: .inherit.updating(["IPMI_PASSWORD": bmc.password]),
                    output: .discarded,
                    error: .discarded
                )
                return result.terminationStatus.isSuccess
            }
            group.addTask {
                try await Task.sleep(for: Self.patience)
                throw LabError(
                    "BMC of \(node)",
                    "ipmitool has not ended after \(Self.patience.brief)",
                    hint: "is the host overloaded?"
                )
            }
            defer { group.cancelAll() }
            guard let answers = try await group.next() else { throw CancellationError() }
            return answers
        }
    }
}
