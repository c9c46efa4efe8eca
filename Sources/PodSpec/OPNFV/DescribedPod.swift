import LabModel
import YAML

/// OPNFV's two files seen together: what is wrong between them, and the pod that they describe.
struct DescribedPod {
    var name: String
    var machines: DescriptorFile
    var networks: InstallerFile

    func check(_ machineReader: inout YAMLReader, _ networkReader: inout YAMLReader) {
        checkIndices(&networkReader)
        checkPorts(&networkReader)
        checkCount(&networkReader)
        checkAddresses(&machineReader)
        checkManagement(&machineReader)
    }

    // MARK: - Checks

    /// Interfaces are named by their index in the other file.
    private func checkIndices(_ reader: inout YAMLReader) {
        for network in networks.networks {
            guard let index = network.interface else { continue }
            let short = machines.machines.filter { $0.ports.count <= index.value }
            if let first = short.first {
                let message =
                    "\(network.name.value) is on interface \(index.value), and \(first.name.value) has only 0 to \(first.ports.count - 1)"
                let hint = "correct it, or list the NIC in the pod descriptor file"
                if short.allSatisfy({ $0.hardware?.isVirtual == true }) {
                    reader.warning(.nicUnknown, message, at: index.position, hint: hint)
                } else {
                    reader.error(.nicUnknown, message, at: index.position, hint: hint)
                }
            }
        }
    }

    /// One port listed as two NICs tells its networks apart by their tags, as any other does.
    private func checkPorts(_ reader: inout YAMLReader) {
        guard let first = machines.machines.first else { return }
        for (number, network) in networks.networks.enumerated() {
            guard let index = network.interface else { continue }
            let position = Self.position(of: index.value, on: first)
            let clash = networks.networks[..<number].first { other in
                guard let theirs = other.interface?.value, theirs != index.value else { return false }
                return Self.position(of: theirs, on: first) == position
                    && InstallerFile.clash(network.vlans, other.vlans)
            }
            guard let clash else { continue }
            reader.error(
                .vlanClash,
                "\(network.name.value) is on interface \(index.value), the same port of \(first.name.value) as that of \(clash.name.value), with the same tag",
                at: index.position,
                hint: "give one of them another vlan or interface"
            )
        }
    }

    private func checkCount(_ reader: inout YAMLReader) {
        let count = machines.machines.count
        let all = networks.networks + (networks.management.map { [$0] } ?? [])
        for network in all {
            guard let range = network.range, range.value.count < count else { continue }
            reader.error(
                .rangeShort,
                "ip-range of \(network.name.value) holds \(range.value.count) addresses, the pod has \(count) nodes",
                at: range.position,
                hint: "lengthen the range"
            )
        }
        guard let counted = networks.counted, counted.value != machines.machines.count else { return }
        reader.warning(
            .nodeCount,
            "\(counted.value) nodes are listed here, and \(machines.machines.count) in the pod descriptor file",
            at: counted.position,
            hint: "list each node in both, in the same order"
        )
    }

    /// What a NIC has now is what the installer's network on it would give, or the two files speak of different networks.
    private func checkAddresses(_ reader: inout YAMLReader) {
        for machine in machines.machines {
            for (index, port) in machine.ports.enumerated() {
                guard let address = port.address else { continue }
                let here = networks.networks.filter { $0.interface?.value == index && $0.cidr != nil }
                guard let first = here.first, let cidr = first.cidr?.value,
                    !here.contains(where: { $0.cidr?.value.contains(address.value) == true })
                else { continue }
                reader.warning(
                    .addressElsewhere,
                    "\(machine.name.value) \(port.name.value) has \(address.value), and \(first.name.value) on it is \(cidr)",
                    at: address.position,
                    hint: "correct one of the two files; the lab takes an address of \(first.name.value)"
                )
            }
        }
    }

    private func checkManagement(_ reader: inout YAMLReader) {
        for machine in machines.machines {
            guard let address = machine.management?.address else { continue }
            if let range = networks.management?.range?.value, !range.contains(address.value) {
                reader.warning(
                    .addressElsewhere,
                    "the BMC of \(machine.name.value) has \(address.value), which is not in oob (\(range))",
                    at: address.position,
                    hint: "correct one of the two files"
                )
            }
            let gateway = networks.networks.first { $0.gateway?.value == address.value }
            if let gateway {
                reader.error(
                    .addressTaken,
                    "the BMC of \(machine.name.value) has \(address.value), which belongs to the gateway of \(gateway.name.value)",
                    at: address.position,
                    hint: "take a free one"
                )
            }
        }
    }

    // MARK: - The pod

    /// Where a port is plugged in: one listed twice is where its first entry is.
    private static func position(of index: Int, on machine: DescribedMachine) -> Int {
        machine.ports.indices.contains(index) ? machine.ports[index].sameAs ?? index : index
    }

    func pod(_ sizes: LabFile?) -> Pod {
        let networks = networks.networks.compactMap(podNetwork)
        let used = networks.compactMap { NICPosition($0.interface)?.number }
        var taken = Set(machines.machines.flatMap { $0.ports.compactMap { $0.mac?.value } })
        let nodes = machines.machines.enumerated().map { number, machine in
            node(number, machine, used, &taken, sizes)
        }
        let boot = networks.first { $0.name == "admin" } ?? networks.first { $0.vlan == nil }
        return Pod(
            name: name,
            nodes: nodes,
            networks: networks,
            bootNetwork: boot?.name,
            lab: sizes?.settings
        )
    }

    private func node(
        _ number: Int,
        _ machine: DescribedMachine,
        _ used: [Int],
        _ taken: inout Set<MACAddress>,
        _ sizes: LabFile?
    ) -> Node {
        let name = machine.name.value
        let identity = DerivedIdentity(pod: self.name, node: name)
        let isVirtual = machine.hardware?.isVirtual == true
        let own = machine.ports.indices.filter { machine.ports[$0].sameAs == nil }
        // Whoever makes a virtual machine gives it the NICs that its networks need.
        let positions = Set(own + (isVirtual ? used : [])).sorted()
        let nics = positions.compactMap { position -> NIC? in
            let label = "eth\(position)"
            let given = machine.ports.indices.contains(position) ? machine.ports[position].mac?.value : nil
            if let given { return NIC(name: label, mac: given) }
            return identity.mac(of: label, avoiding: taken).map { mac in
                taken.insert(mac)
                return NIC(name: label, mac: mac, isDerived: true)
            }
        }
        var node = Node(
            name: name,
            roles: networks.roles[name] ?? networks.rolesByNumber[number + 1] ?? [],
            nics: nics,
            bmc: Self.access(machine.management),
            uuid: identity.uuid,
            serial: identity.serial,
            hardware: machine.hardware
        )
        node.takeDisksOfHardware()
        sizes?.apply(to: &node)
        return node
    }

    private static func access(_ management: DescribedMachine.Management?) -> BMCAccess? {
        guard let management, let address = management.address?.value, let user = management.user,
            let password = management.password
        else { return nil }
        return BMCAccess(
            address: address,
            user: user,
            password: password,
            version: management.version,
            mac: management.mac?.value
        )
    }

    private func podNetwork(_ network: InstallerFile.Network) -> PodNetwork? {
        guard let index = network.interface?.value, let cidr = network.cidr?.value,
            let range = network.range?.value ?? Self.hosts(of: cidr, except: network.gateway?.value)
        else { return nil }
        let position = machines.machines.first.map { Self.position(of: index, on: $0) } ?? index
        var addresses: [String: IPv4Address] = [:]
        for machine in machines.machines where machine.ports.indices.contains(index) {
            if let address = machine.ports[index].address?.value, cidr.contains(address) {
                addresses[machine.name.value] = address
            }
        }
        var free = (0..<range.count).lazy.compactMap { range[$0] }.makeIterator()
        let given = Set(addresses.values)
        for machine in machines.machines where addresses[machine.name.value] == nil {
            // The rest get the next ones that nobody has.
            while let address = free.next() {
                guard !given.contains(address), address != network.gateway?.value else { continue }
                addresses[machine.name.value] = address
                break
            }
        }
        let vlans = network.vlans
        // One port may be listed as two NICs of one machine, and not of another.
        let elsewhere = Dictionary(grouping: machines.machines) { Self.position(of: index, on: $0) }
            .filter { $0.key != position }.sorted { $0.key < $1.key }
        return PodNetwork(
            name: network.name.value,
            interface: "eth\(position)",
            vlan: vlans?.lowerBound,
            cidr: cidr,
            gateway: network.gateway?.value,
            range: range,
            addresses: addresses,
            lastVLAN: vlans.flatMap { $0.count > 1 ? $0.upperBound : nil },
            attachments: elsewhere.map { place, machines in
                NetworkAttachment(
                    roles: [],
                    nodes: machines.map(\.name.value),
                    interface: "eth\(place)",
                    vlan: vlans?.lowerBound,
                    kind: "normal"
                )
            }
        )
    }

    /// The addresses that are left when the file names none: from the tenth on, as installers leave the first ones free.
    private static func hosts(of cidr: IPv4Network, except gateway: IPv4Address?) -> IPv4Range? {
        let size = UInt64(cidr.broadcast.bits) - UInt64(cidr.base.bits) + 1
        guard size >= 4, let first = cidr.base.advanced(by: size >= 32 ? 10 : 2) else { return nil }
        var last = IPv4Address(bits: cidr.broadcast.bits - 1)
        if gateway == last { last = IPv4Address(bits: last.bits - 1) }
        return IPv4Range(first: first, last: last)
    }
}
