import LabModel

/// What a finished pod must do: every node reaches every node on every network, and every service answers.
package struct Verification: Hashable, Sendable {
    /// One look from one node.
    package enum Check: Hashable, Sendable {
        case ping(network: String, node: String, address: IPv4Address)
        case service(role: String, node: String, address: IPv4Address, port: Int)
    }

    /// One look that failed.
    package struct Failure: Hashable, Sendable {
        package var from: String
        package var check: Check
        package var why: String
    }

    package let checks: [Check]
    private let pod: Pod

    package init(_ plan: DeployPlan, _ bundles: [RoleBundle]) {
        pod = plan.pod
        var checks: [Check] = []
        for node in plan.pod.nodes {
            for network in plan.pod.networks where pod.port(of: node, on: network) != nil {
                guard let address = plan.pod.address(of: node.name, on: network) else { continue }
                checks.append(.ping(network: network.name, node: node.name, address: address))
            }
            guard let address = plan.address(of: node) else { continue }
            for bundle in bundles where node.roles.contains(bundle.role) {
                checks.append(
                    .service(role: bundle.role, node: node.name, address: address, port: bundle.port)
                )
            }
        }
        self.checks = checks
    }

    /// Whether a node is on the network that the check is about.
    private func concerns(_ node: Node, _ check: Check) -> Bool {
        switch check {
        case .ping(let name, _, _): pod.network(named: name).flatMap { pod.port(of: node, on: $0) } != nil
        case .service: true
        }
    }

    /// How many looks there are from a node.
    package func count(from node: Node) -> Int { checks.count { concerns(node, $0) } }

    /// All checks at once on a node; one line each: its number and `ok` or why not.
    package func script(from node: Node) -> NodeScript {
        let lines = checks.enumerated().filter { concerns(node, $1) }.map { number, check in
            switch check {
            case .ping(_, _, let address): "ping_one \(number) \(address) &"
            case .service(let role, let node, let address, let port):
                "service \(number) http://\(address):\(port)/\(RoleBundle.document) "
                    + "'\(RolesStage.document(role, on: node))' &"
            }
        }
        return NodeScript(
            .verify,
            """
            ping_one() {
              if ping -c 1 -W 2 "$2" >/dev/null 2>&1 || ping -c 2 -W 2 "$2" >/dev/null 2>&1
              then echo "$1 ok"; else echo "$1 no answer to ping"; fi
            }
            service() {
              if said=$(timeout 5 wget -q -O - "$2" 2>&1); then
                if [ "$said" = "$3" ]; then echo "$1 ok"; else echo "$1 says $said"; fi
              else echo "$1 does not answer: $said" | tr '\\n' ' '; echo; fi
            }
            \(lines.joined(separator: "\n"))
            wait

            """
        )
    }

    /// The checks that did not say `ok` in the script's output; one that said nothing has failed.
    package func failures(from node: Node, _ output: String) -> [Failure] {
        var answers: [Int: String] = [:]
        for line in output.split(separator: "\n") {
            let parts = line.split(separator: " ", maxSplits: 1)
            guard parts.count == 2, let number = Int(parts[0]) else { continue }
            answers[number] = String(parts[1])
        }
        return checks.enumerated().filter { concerns(node, $1) }.compactMap { number, check in
            let answer = answers[number] ?? "not checked"
            return answer == "ok" ? nil : Failure(from: node.name, check: check, why: answer)
        }
    }
}

extension Verification.Failure: CustomStringConvertible {
    package var description: String {
        switch check {
        case .ping(let network, let node, let address):
            "\(from) → \(node) on \(network) (\(address)): \(why)"
        case .service(let role, let node, let address, let port):
            "\(from) → \(role) of \(node) (\(address):\(port)): \(why)"
        }
    }
}
