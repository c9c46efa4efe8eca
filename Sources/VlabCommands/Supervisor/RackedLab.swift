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
        let occurrence = Occurrence(rule.occurrence)
        switch rule.action {
        case .stall(let url, let place, let hold):
            let at =
                switch place {
                case .bytes(let count): "\(count)"
                case .percent(let part): "\(part)%"
                }
            let hold = hold.map { "\(Int(($0.inSeconds * 1000).rounded()))ms" }
            try gateway.install(
                Rule(
                    id: rule.id,
                    "http.stall",
                    ["at": at, "hold": hold ?? "client"],
                    match: Match(url, clients: rule.nodes),
                    occurrence: occurrence
                )
            )
        case .pause(let url, let place):
            let match = Match(url, clients: rule.nodes)
            try gateway.pause(rule.id, match, occurrence, at: place, hook: onPause)
        case .silentNTP:
            try gateway.install(
                Rule(
                    id: rule.id,
                    "ntp.unreachable",
                    match: Match(clients: rule.nodes),
                    occurrence: occurrence
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

extension Match {
    init(_ url: URLPattern, clients: Set<String>?) {
        self.init(host: TextPattern(url.host), path: TextPattern(url.path), clients: clients)
    }
}
