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

    func install(_ rule: GatewayRule, onPause: @escaping @Sendable () async -> Void) async throws {
        switch rule.action {
        case .stall(let url, let place, let hold):
            try gateway.install(
                HTTPRule(rule, url, .stall(at: place, for: hold))
            )
        case .pause(let url, let place):
            try gateway.install(
                HTTPRule(rule, url, .pause(at: place, hook: onPause))
            )
        case .silentNTP:
            try gateway.install(
                NTPRule(
                    id: rule.id,
                    clients: rule.nodes,
                    occurrence: Occurrence(rule.occurrence),
                    fault: .silent
                )
            )
        }
    }

    func removeRule(_ id: String) async throws { gateway.remove(id) }

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

extension Occurrence {
    init(_ occurrence: GatewayRule.Occurrence) {
        self =
            switch occurrence {
            case .always: .always
            case .first(let count, let perClient): .first(count, perClient: perClient)
            }
    }
}

extension HTTPRule {
    init(_ rule: GatewayRule, _ url: URLPattern, _ fault: HTTPFault) {
        self.init(
            id: rule.id,
            host: url.host,
            path: url.path,
            clients: rule.nodes,
            occurrence: Occurrence(rule.occurrence),
            fault: fault
        )
    }
}
