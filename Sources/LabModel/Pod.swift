/// A pod: the nodes, NICs, networks and BMCs that a pod's own files describe, whichever format they were in.
package struct Pod: Hashable, Sendable, Codable {
    package var name: String
    package var nodes: [Node]
    package var networks: [PodNetwork]
    package var virtualAddresses: [VirtualAddress]
    package var bonds: [Bond]
    package var providerNetworks: [ProviderNetwork]
    /// The network that nodes boot from, where the files name it; else the one with DHCP.
    package var bootNetwork: String?
    /// What `lab.yml` says of the lab as a whole; nil when it says nothing.
    package var lab: LabSettings?

    package init(
        name: String,
        nodes: [Node],
        networks: [PodNetwork],
        virtualAddresses: [VirtualAddress] = [],
        bonds: [Bond] = [],
        providerNetworks: [ProviderNetwork] = [],
        bootNetwork: String? = nil,
        lab: LabSettings? = nil
    ) {
        (self.name, self.nodes, self.networks) = (name, nodes, networks)
        (self.virtualAddresses, self.bonds) = (virtualAddresses, bonds)
        (self.providerNetworks, self.bootNetwork, self.lab) = (providerNetworks, bootNetwork, lab)
    }

    package func node(named name: String) -> Node? { nodes.first { $0.name == name } }
    package func network(named name: String) -> PodNetwork? { networks.first { $0.name == name } }
    /// The physical NIC positions: `eth0`, `eth1`, …, in order.
    package var positions: [String] {
        Set(networks.map(\.interface) + nodes.flatMap { $0.nics.map(\.name) })
            .sorted { ($0.count, $0) < ($1.count, $1) }
    }
    /// The network that nodes boot and are installed from: `mgmt` in Compass4nfv's files.
    package var installNetwork: PodNetwork? {
        bootNetwork.flatMap { network(named: $0) } ?? networks.first { $0.dhcpRange != nil }
    }
    /// What machines boot from and an engine installs them over: the install network, else, where the files leave that
    /// to the engine, the first untagged network that the jump host is on.
    package var bootstrapNetwork: PodNetwork? {
        installNetwork ?? networks.first { $0.vlan == nil && $0.gateway != nil }
    }
    /// The jump host's address on a network: its gateway's; where nodes boot and the files name none, the first free one.
    package func jumpHost(on network: PodNetwork) -> IPv4Address? {
        if let gateway = network.gateway { return gateway }
        guard network.vlan == nil, network.name == bootstrapNetwork?.name else { return nil }
        return FreeAddresses(in: self).first(in: network)
    }
}

/// One machine of a pod.
package struct Node: Hashable, Sendable, Codable {
    package var name: String
    package var roles: [String]
    package var nics: [NIC]
    package var bmc: BMCAccess?
    package var uuid: String
    package var serial: String
    package var cpus: Int
    package var memory: Memory
    /// Sizes of its disks: vda, vdb, ….
    package var disks: [Memory]
    /// The machine that the files describe, where they do; what is racked for it may be smaller.
    package var hardware: Hardware?
    /// What it is installed with; nil leaves it to the engine.
    package var image: ImageTier?

    package init(
        name: String,
        roles: [String],
        nics: [NIC],
        bmc: BMCAccess?,
        uuid: String,
        serial: String,
        cpus: Int = 1,
        memory: Memory = .mebibytes(384),
        disks: [Memory] = [.gibibytes(2)],
        hardware: Hardware? = nil
    ) {
        (self.name, self.roles, self.nics, self.bmc) = (name, roles, nics, bmc)
        (self.uuid, self.serial, self.cpus, self.memory, self.disks) = (uuid, serial, cpus, memory, disks)
        self.hardware = hardware
    }

    package func nic(named name: String) -> NIC? { nics.first { $0.name == name } }
}

/// One network card, named by its position.
package struct NIC: Hashable, Sendable, Codable {
    package var name: String
    package var mac: MACAddress
    /// Whether no file gives the MAC, and vlab made it up.
    package var isDerived: Bool
    package init(name: String, mac: MACAddress, isDerived: Bool = false) {
        (self.name, self.mac, self.isDerived) = (name, mac, isDerived)
    }

    /// Records of labs may be older than `isDerived`.
    package init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        name = try container.decode(String.self, forKey: .name)
        mac = try container.decode(MACAddress.self, forKey: .mac)
        isDerived = try container.decodeIfPresent(Bool.self, forKey: .isDerived) ?? false
    }
}

/// Where a node's BMC answers, and to whom.
package struct BMCAccess: Hashable, Sendable, Codable {
    package var address: IPv4Address
    package var user: String
    package var password: String
    /// IPMI version that the engine will use.
    package var version: String
    /// The make that it behaves like; nil for one without quirks.
    package var profile: String?
    /// Of the BMC's own port, where the files give it.
    package var mac: MACAddress?
    package init(
        address: IPv4Address,
        user: String,
        password: String,
        version: String = "2.0",
        mac: MACAddress? = nil
    ) {
        (self.address, self.user, self.password, self.version) = (address, user, password, version)
        self.mac = mac
    }
}

/// One logical network: `mgmt` on eth0, `tenant` as VLAN 101 on eth2.
package struct PodNetwork: Hashable, Sendable, Codable {
    package var name: String
    /// The physical NIC position that carries it.
    package var interface: String
    /// The 802.1Q tag; nil when untagged.
    package var vlan: Int?
    package var cidr: IPv4Network
    package var gateway: IPv4Address?
    /// Where the nodes' addresses come from: node k of the pod has the address at position k.
    package var range: IPv4Range
    package var dhcpRange: IPv4Range?
    /// Addresses that the files give to nodes by name; they go before the range's.
    package var addresses: [String: IPv4Address]
    /// The bond that carries it; `interface` is then its first port.
    package var bond: String?
    /// Last of the tags that tenants share, when they have several; `vlan` is the first.
    package var lastVLAN: Int?
    /// How roles are attached, when not all are alike.
    package var attachments: [NetworkAttachment]

    package init(
        name: String,
        interface: String,
        vlan: Int? = nil,
        cidr: IPv4Network,
        gateway: IPv4Address? = nil,
        range: IPv4Range,
        dhcpRange: IPv4Range? = nil,
        addresses: [String: IPv4Address] = [:],
        bond: String? = nil,
        lastVLAN: Int? = nil,
        attachments: [NetworkAttachment] = []
    ) {
        (self.name, self.interface, self.vlan, self.cidr) = (name, interface, vlan, cidr)
        (self.gateway, self.range, self.dhcpRange) = (gateway, range, dhcpRange)
        (self.addresses, self.bond, self.lastVLAN) = (addresses, bond, lastVLAN)
        self.attachments = attachments
    }

    /// What guests without an attachment of their own call the interface: `eth0`, `eth2.101`, `bond1`.
    package var guestInterface: String { NetworkPort(nic: interface, bond: bond, vlan: vlan).guestInterface }
}

extension Pod {
    /// The node's address on a network: the one that the files name, else by its position in the pod (Compass4nfv's rule).
    package func address(of node: String, on network: PodNetwork) -> IPv4Address? {
        network.addresses[node] ?? nodes.firstIndex { $0.name == node }.flatMap { network.range[$0] }
    }

    /// The same, of the node at a position in the pod.
    package func address(ofNodeAt index: Int, on network: PodNetwork) -> IPv4Address? {
        network.addresses[nodes[index].name] ?? network.range[index]
    }
}

/// An address that moves between the controllers.
package struct VirtualAddress: Hashable, Sendable, Codable {
    package var name: String
    package var address: IPv4Address
    package var prefixLength: Int
    package var network: String
    package init(name: String, address: IPv4Address, prefixLength: Int, network: String) {
        (self.name, self.address, self.prefixLength, self.network) = (name, address, prefixLength, network)
    }
}
