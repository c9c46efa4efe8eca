import LabModel
import YAML

/// Networks from the two lists that describe them: `ip_settings` and `sys_intf_mappings`, joined by name.
extension NetworkFile {
    func networks(_ reader: inout YAMLReader) -> [PodNetwork] {
        reportTwice(&reader)
        if let settingNames, let mappingNames {
            report(
                mappingNames,
                missingIn: settingNames,
                .networkUnaddressed,
                "has no addresses: it is not in ip_settings",
                &reader
            )
            report(
                settingNames,
                missingIn: mappingNames,
                .networkUnwired,
                "has no NIC: it is not in sys_intf_mappings",
                &reader
            )
        }
        return settings.compactMap { setting in
            let entries = mappings.filter { $0.name.value == setting.name.value }
            guard let first = entries.first else { return nil }
            let carrier = carrier(of: first.interface.value)
            reportSplit(entries, &reader)
            guard let position = position(of: carrier), let range = setting.range?.value else { return nil }
            return PodNetwork(
                name: setting.name.value,
                interface: position,
                vlan: first.vlan,
                cidr: setting.cidr,
                gateway: setting.gateway?.value,
                range: range,
                dhcpRange: setting.dhcpRange?.value,
                bond: bondName(carrier),
                attachments: Self.isForAll(entries) ? [] : entries.compactMap(attachment)
            )
        }
    }

    /// Networks are mapped for these two roles only; the others share their hosts.
    static let mappedRoles = ["controller", "compute"]

    private static func isForAll(_ entries: [NetworkMapping]) -> Bool {
        guard let only = entries.first, entries.count == 1 else { return false }
        return only.roles.isEmpty || mappedRoles.allSatisfy(only.roles.contains)
    }

    private func bondName(_ carrier: Carrier?) -> String? {
        if case .bond(let name) = carrier { name } else { nil }
    }

    private func attachment(_ entry: NetworkMapping) -> NetworkAttachment? {
        position(of: carrier(of: entry.interface.value)).map {
            NetworkAttachment(roles: entry.roles, interface: $0, vlan: entry.vlan, kind: entry.kind)
        }
    }

    var virtualAddresses: [VirtualAddress] {
        vips.map {
            VirtualAddress(
                name: $0.name,
                address: $0.address.value,
                prefixLength: $0.prefixLength,
                network: $0.network.value
            )
        }
    }

    /// The bonds; those without hosts of their own are on all.
    func bonds(of hosts: [String]) -> [Bond] {
        bonds.map { bond in
            Bond(
                name: bond.name.value,
                nodes: bond.hosts.isEmpty ? hosts : bond.hosts.map(\.value),
                ports: bond.ports.map(\.value),
                mode: bond.mode,
                mtu: bond.mtu,
                lacpRate: bond.lacpRate,
                miimon: bond.miimon,
                hashPolicy: bond.hashPolicy
            )
        }
    }

    var providerNetworks: [ProviderNetwork] {
        providers.map { provider in
            let carrier = carrier(of: provider.interface.value)
            return ProviderNetwork(
                bridge: provider.name.value,
                name: provider.network,
                interface: bondName(carrier) ?? position(of: carrier),
                roles: provider.roles
            )
        }
    }

    private func report(
        _ names: [Located<String>],
        missingIn others: [Located<String>],
        _ rule: PodRule,
        _ reason: String,
        _ reader: inout YAMLReader
    ) {
        let known = Set(others.map(\.value))
        for name in names where !known.contains(name.value) {
            let nearest = Suggestion.nearest(to: name.value, in: known)
            let hint = nearest.map { "did you mean “\($0)”?" } ?? "add it there"
            reader.error(rule, "network “\(name.value)” \(reason)", at: name.position, hint: hint)
        }
    }

    /// A network may be mapped once for each role, and has its addresses once.
    private func reportTwice(_ reader: inout YAMLReader) {
        var seen: Set<String> = []
        for name in settingNames ?? [] where !seen.insert(name.value).inserted {
            twice(name, in: "ip_settings", &reader)
        }
        for (index, mapping) in mappings.enumerated() {
            let name = mapping.name
            let other = mappings[..<index].first {
                $0.name.value == name.value && $0.sharesRole(with: mapping)
            }
            if other != nil { twice(name, in: "sys_intf_mappings", &reader) }
        }
    }

    private func twice(_ name: Located<String>, in list: String, _ reader: inout YAMLReader) {
        reader.error(
            .networkTwice,
            "network “\(name.value)” is in \(list) twice",
            at: name.position,
            hint: "keep one of them"
        )
    }

    private func reportSplit(_ entries: [NetworkMapping], _ reader: inout YAMLReader) {
        for (entry, before) in zip(entries.dropFirst(), entries) where !entry.sharesRole(with: before) {
            let roles = [before, entry].map { $0.roles.joined(separator: " and ") }
            let kinds = [before, entry].map { "\($0.kind) on \($0.interface.value)" }
            reader.note(
                .networkSplit,
                "\(entry.name.value) is \(kinds[0]) for \(roles[0]), \(kinds[1]) for \(roles[1])",
                at: entry.name.position
            )
        }
    }
}
