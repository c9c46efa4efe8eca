import LabModel

/// What is different between two pods, in terms of nodes and wires.
///
///     for change in PodDifference(from: before, to: after).changes { print(change) }
package struct PodDifference: Sendable {
    /// One thing that is in one of the pods only, or not alike in both.
    package struct Change: Hashable, Sendable, Codable, CustomStringConvertible {
        package enum Kind: String, Sendable, Codable { case added, removed, changed }
        package var kind: Kind
        /// `node ctl01`, `network mgmt`.
        package var subject: String
        /// What of it: `VLAN`; nil when all of it is.
        package var property: String?
        package var before: String?
        package var after: String?

        package var description: String {
            switch kind {
            case .added: "+ \(subject)" + (after.map { ": \($0)" } ?? "")
            case .removed: "- \(subject)" + (before.map { ": \($0)" } ?? "")
            case .changed: "~ \(subject): \(property ?? ""): \(before ?? "none") → \(after ?? "none")"
            }
        }
    }

    package let changes: [Change]

    package init(from before: Pod, to after: Pod) {
        changes =
            Self.changes(of: "pod", Self.properties(of: before), Self.properties(of: after))
            + Self.compare("node", before.nodes, after.nodes, \.name, Self.properties(of:))
            + Self.compare("network", before.networks, after.networks, \.name, Self.properties(of:))
            + Self.compare("address", before.virtualAddresses, after.virtualAddresses, \.name) {
                [("address", "\($0.address)/\($0.prefixLength)"), ("network", $0.network)]
            }
            + Self.compare("bond", before.bonds, after.bonds, \.name) {
                [
                    ("ports", $0.ports.joined(separator: " ")), ("mode", $0.mode.rawValue),
                    ("nodes", $0.nodes.joined(separator: " ")), ("MTU", $0.mtu.map { "\($0)" }),
                    ("LACP rate", $0.lacpRate?.rawValue), ("miimon", $0.miimon.map { "\($0) ms" }),
                    ("hash policy", $0.hashPolicy?.rawValue),
                ]
            }
            + Self.compare("provider network", before.providerNetworks, after.providerNetworks, \.name) {
                [
                    ("bridge", $0.bridge), ("interface", $0.interface),
                    ("roles", $0.roles.isEmpty ? nil : $0.roles.joined(separator: " ")),
                ]
            }
            + Self.addresses(before, after)
    }

    private typealias Properties = [(name: String, value: String?)]

    private static func compare<Item>(
        _ what: String,
        _ before: [Item],
        _ after: [Item],
        _ name: (Item) -> String,
        _ properties: (Item) -> Properties
    ) -> [Change] {
        let old = Dictionary(before.map { (name($0), $0) }) { first, _ in first }
        let new = Dictionary(after.map { (name($0), $0) }) { first, _ in first }
        let gone = before.filter { new[name($0)] == nil }
            .map { Change(kind: .removed, subject: "\(what) \(name($0))", before: text(properties($0))) }
        return gone
            + after.flatMap { item -> [Change] in
                let subject = "\(what) \(name(item))"
                guard let other = old[name(item)] else {
                    return [Change(kind: .added, subject: subject, after: text(properties(item)))]
                }
                return changes(of: subject, properties(other), properties(item))
            }
    }

    private static func changes(of subject: String, _ before: Properties, _ after: Properties) -> [Change] {
        let old = Dictionary(before.map { ($0.name, $0.value) }) { first, _ in first }
        let new = Dictionary(after.map { ($0.name, $0.value) }) { first, _ in first }
        let names = before.map(\.name) + after.map(\.name).filter { old[$0] == nil }
        return names.compactMap { name in
            let (left, right) = (old[name] ?? nil, new[name] ?? nil)
            guard left != right else { return nil }
            // Reports are kept and sent around.
            let shown = [left, right].map { name == password ? $0.map { _ in "not shown" } : $0 }
            return Change(
                kind: .changed,
                subject: subject,
                property: name,
                before: shown[0],
                after: shown[1]
            )
        }
    }

    private static func text(_ properties: Properties) -> String? {
        let parts = properties.filter { $0.name != password }.compactMap { property in
            property.value.map { "\(property.name) \($0)" }
        }
        return parts.isEmpty ? nil : parts.joined(separator: ", ")
    }

    /// A pod's own name is none of its wires, and tells two pods apart only by what is derived of it.
    private static func properties(of pod: Pod) -> Properties {
        let engine = pod.lab?.engine.map { engine in
            switch engine {
            case .policy(let policy): "vdeploy with the policy \(policy)"
            case .command(let words): words.joined(separator: " ")
            }
        }
        let https = pod.lab?.https.map { https in
            switch https {
            case .open(let hosts): hosts.isEmpty ? "passed" : "opened for \(hosts.joined(separator: " "))"
            case .pass(let hosts): hosts.isEmpty ? "opened" : "passed for \(hosts.joined(separator: " "))"
            }
        }
        return [
            ("boots from", pod.installNetwork?.name), ("engine", engine),
            ("uplink", pod.lab?.uplink?.rawValue),
            ("HTTPS", https),
        ]
    }

    private static let password = "BMC's password"

    private static func properties(of node: Node) -> Properties {
        let nics = node.nics.map { nic in
            (name: nic.name, value: Optional(nic.isDerived ? "a derived MAC" : "\(nic.mac)"))
        }
        return [
            ("roles", node.roles.isEmpty ? nil : node.roles.joined(separator: " ")),
            ("BMC", node.bmc.map { "\($0.address)" }), ("BMC's user", node.bmc?.user),
            (password, node.bmc?.password), ("IPMI version", node.bmc?.version),
            ("BMC's MAC", node.bmc?.mac.map { "\($0)" }), ("BMC's make", node.bmc?.profile),
            ("cpus", "\(node.cpus)"), ("memory", "\(node.memory)"),
            ("disks", node.disks.map(\.description).joined(separator: " ")), ("image", node.image?.rawValue),
            ("hardware", node.hardware.map(text)),
        ] + nics
    }

    private static func text(_ hardware: Hardware) -> String {
        let disks = hardware.disks.map { "\($0.name) \($0.kind) \($0.capacity.short)" }
        return
            "\(hardware.isVirtual ? "virtual" : "bare") \(hardware.vendor) \(hardware.model) \(hardware.architecture), "
            + "\(hardware.cpus)×\(hardware.coresPerCPU) cores, \(hardware.memory.short)"
            + (disks.isEmpty ? "" : ", \(disks.joined(separator: ", "))")
    }

    private static func properties(of network: PodNetwork) -> Properties {
        let attachments = network.attachments.map { one in
            "\(one.interface)\(one.vlan.map { ".\($0)" } ?? "") \(one.kind) for \((one.nodes ?? one.roles).joined(separator: " "))"
        }
        return [
            ("on", network.guestInterface), ("addresses", "\(network.cidr)"),
            ("gateway", network.gateway.map { "\($0)" }), ("range", "\(network.range)"),
            ("DHCP", network.dhcpRange.map { "\($0)" }), ("last VLAN", network.lastVLAN.map { "\($0)" }),
            ("attachments", attachments.isEmpty ? nil : attachments.joined(separator: ", ")),
        ]
    }

    /// Of nodes and networks that are in both.
    private static func addresses(_ before: Pod, _ after: Pod) -> [Change] {
        let old = Dictionary(before.nodes.enumerated().map { ($1.name, $0) }) { first, _ in first }
        return after.nodes.enumerated().flatMap { index, node in
            guard let oldIndex = old[node.name] else { return [Change]() }
            return after.networks.compactMap { network in
                guard let oldNetwork = before.network(named: network.name) else { return nil }
                let left = before.address(ofNodeAt: oldIndex, on: oldNetwork).map { "\($0)" }
                let right = after.address(ofNodeAt: index, on: network).map { "\($0)" }
                guard left != right else { return nil }
                return Change(
                    kind: .changed,
                    subject: "node \(node.name)",
                    property: "address on \(network.name)",
                    before: left,
                    after: right
                )
            }
        }
    }
}
