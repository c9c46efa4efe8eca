import LabModel

/// Gives every node its name and its addresses on all of the pod's networks, now and for every boot to come.
struct NetworkStage {
    let job: Job

    func run() async throws {
        try await job.onEveryNode(.network, "configured") { node in
            guard let network = NodeNetwork(node, in: job.plan.pod) else {
                throw DeployError("\(node.name): a network's range has no address for it")
            }
            let script = Self.script(network, in: job.plan)
            let rules = job.policy.shell
            _ = try await job.trying(
                "addresses",
                .network,
                on: node,
                tries: rules.tries,
                pause: rules.pause
            ) { try await job.shell(script, on: node) }
            let list = network.attachments.map { "\($0.port.guestInterface) \($0.address)" }
            job.log.say(list.joined(separator: ", "), .network, node: node.name)
        }
    }

    /// The install network's interface is up already and carries this very session: it is left alone.
    ///
    /// Unless a bond is to take it over: then the session goes on over the bond, which has the same address.
    static func script(_ network: NodeNetwork, in plan: DeployPlan) -> NodeScript {
        let first = network.attachments.first { $0.network.name == plan.installNetwork.name }?.port
        let names = network.interfaceNames.filter { $0 != first?.nic }
        let old = names.reversed() + (first?.bond != nil ? [first?.nic].compactMap(\.self) : [])
        let checks = network.attachments.map {
            "ip -4 addr show dev \($0.port.guestInterface) | grep -q ' \($0.address)/' || "
                + "{ echo '\($0.port.guestInterface) has no address \($0.address)' >&2; exit 1; }"
        }
        return NodeScript(
            .network,
            """
            set -e
            hostname '\(network.node)'
            echo '\(network.node)' > /etc/hostname
            cat > /etc/hosts <<'EOF'
            \(NodeNetwork.hosts(of: plan.pod))EOF
            cat > /etc/network/interfaces.new <<'EOF'
            \(network.interfaces)EOF
            for name in \(old.joined(separator: " ")); do ifdown -f "$name" 2>/dev/null || true; done
            mv /etc/network/interfaces.new /etc/network/interfaces
            sync
            for name in \(names.joined(separator: " ")); do ip addr flush dev "$name" 2>/dev/null || true; ifup "$name"; done
            \(checks.joined(separator: "\n"))

            """
        )
    }
}
