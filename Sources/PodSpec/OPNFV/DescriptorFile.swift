import LabModel
import YAML

/// OPNFV's pod descriptor file (PDF), version 1.0, as it is written: the jump host and the nodes.
struct DescriptorFile {
    var jumphost: DescribedMachine?
    var machines: [DescribedMachine] = []
    let start: YAMLNode.Position

    init?(_ root: YAMLNode, _ reader: inout YAMLReader) {
        start = root.position
        Schema.descriptor.check(root, "the pod descriptor file", &reader)
        guard root.entries != nil else { return nil }
        jumphost = root["jumphost"].flatMap { DescribedMachine($0, isJumphost: true, &reader) }
        machines = (root["nodes"]?.items ?? []).compactMap {
            DescribedMachine($0, isJumphost: false, &reader)
        }
        if let nodes = root["nodes"], nodes.items?.isEmpty == true {
            reader.error(.podEmpty, "nodes is empty", at: nodes.position, hint: "a pod has at least one")
        }
        checkNames(&reader)
        checkArchitectures(&reader)
        checkPorts(&reader)
        checkManagement(&reader)
        checkSizes(&reader)
    }

    private var everybody: [DescribedMachine] { (jumphost.map { [$0] } ?? []) + machines }

    private func checkNames(_ reader: inout YAMLReader) {
        var names: Set<String> = []
        for machine in machines {
            let name = machine.name
            if !DNSLabel.isValid(name.value) {
                reader.error(
                    .hostName,
                    "“\(name.value)” cannot be a host's name",
                    at: name.position,
                    hint: DNSLabel.rule
                )
            }
            if !names.insert(name.value.lowercased()).inserted {
                reader.error(
                    .hostTwice,
                    "two nodes are named \(name.value)",
                    at: name.position,
                    hint: "rename one"
                )
            }
        }
    }

    private func checkArchitectures(_ reader: inout YAMLReader) {
        let groups = Dictionary(grouping: machines) { $0.hardware?.architecture ?? "" }
            .filter { !$0.key.isEmpty }
        for machine in machines where machine.hardware?.architecture == "aarch64" {
            reader.note(
                .rackArchitecture,
                "\(machine.name.value) is aarch64, and the lab's machines are x86_64",
                at: machine.name.position,
                hint: "give the lab a pod of x86_64 nodes"
            )
        }
        guard groups.count > 1, let first = machines.first else { return }
        let list = groups.sorted { $0.key < $1.key }.map { "\($0.value.count) \($0.key)" }
        reader.note(
            .architecturesMixed,
            "the pod is hybrid: \(list.joined(separator: " and ")) nodes; each needs images of its own",
            at: first.name.position
        )
    }

    /// MACs and addresses belong to one port each.
    private func checkPorts(_ reader: inout YAMLReader) {
        var macs: [MACAddress: (owner: String, machine: Int)] = [:]
        var addresses: [IPv4Address: String] = [:]
        for (index, machine) in everybody.enumerated() {
            let name = machine.name.value
            for port in machine.ports {
                let owner = "\(name) \(port.name.value)"
                if let mac = port.mac, port.sameAs == nil {
                    if let other = macs[mac.value] {
                        Self.macTwice(owner, mac, other.owner, &reader)
                    } else {
                        macs[mac.value] = (owner, index)
                    }
                }
                if let address = port.address, let other = addresses.updateValue(owner, forKey: address.value)
                {
                    reader.error(
                        .addressTaken,
                        "\(owner) has the address \(address.value) of \(other)",
                        at: address.position,
                        hint: "each NIC has its own"
                    )
                }
            }
        }
        for machine in everybody {
            guard let mac = machine.management?.mac else { continue }
            let owner = "the BMC of \(machine.name.value)"
            if let other = macs[mac.value] { Self.macTwice(owner, mac, other.owner, &reader) }
            macs[mac.value] = (owner, 0)
        }
    }

    private static func macTwice(
        _ owner: String,
        _ mac: Located<MACAddress>,
        _ other: String,
        _ reader: inout YAMLReader
    ) {
        reader.error(
            .macTwice,
            "\(owner) has the MAC \(mac.value) of \(other)",
            at: mac.position,
            hint: "each NIC has its own"
        )
    }

    private func checkManagement(_ reader: inout YAMLReader) {
        var addresses: [IPv4Address: String] = [:]
        for machine in everybody {
            guard let address = machine.management?.address else { continue }
            if let other = addresses.updateValue(machine.name.value, forKey: address.value) {
                reader.error(
                    .bmcTwice,
                    "\(machine.name.value) has the BMC address \(address.value) of \(other)",
                    at: address.position,
                    hint: "each BMC has its own"
                )
            }
        }
        let without = machines.filter { $0.management?.address == nil }
        if let first = without.first, first.management?.isLibvirt == true {
            reader.note(
                .rackBMC,
                "\(without.count) node\(without.count == 1 ? " is a machine" : "s are machines") of libvirt's and \(without.count == 1 ? "has" : "have") no BMC: an engine has no way to power \(without.count == 1 ? "it" : "them") in the lab",
                at: first.name.position,
                hint: "use vlab power, or describe them as baremetal with ipmi"
            )
        }
    }

    private func checkSizes(_ reader: inout YAMLReader) {
        guard let first = machines.first(where: { $0.hardware != nil }), let hardware = first.hardware else {
            return
        }
        reader.note(
            .rackSizes,
            "the lab's nodes are small, unlike \(first.name.value) with \(hardware.cpus * hardware.coresPerCPU) cores and \(hardware.memory) of memory",
            at: first.name.position,
            hint: "give other sizes in lab.yml"
        )
    }
}
