import LabModel
import YAML

/// A MAC or a BMC's address, and whose it is: there is one of each in the world.
struct MachineIdentity {
    enum Kind { case mac, bmc }
    var kind: Kind
    var text: String
    var owner: String
    var file: String
    var position: YAMLNode.Position
}

/// Finds machines that are in more than one pod.
struct SharedIdentities {
    private var owners: [String: (identity: MachineIdentity, site: String)] = [:]

    mutating func add(_ identities: [MachineIdentity], of set: PodSet) -> [Diagnostic] {
        identities.compactMap { identity in
            guard let first = owners[identity.text] else {
                owners[identity.text] = (identity, set.site)
                return nil
            }
            guard first.site != set.site else { return nil }
            let (what, rule): (String, PodRule) =
                identity.kind == .mac
                ? ("the MAC \(identity.text)", .sharedMAC)
                : ("its BMC at \(identity.text)", .sharedBMC)
            return Diagnostic(
                file: identity.file,
                line: identity.position.line,
                column: identity.position.column,
                severity: .warning,
                message:
                    "\(identity.owner) has \(what), as \(first.identity.owner) of \(first.identity.file) has",
                hint: "one machine cannot be in two pods at a time",
                rule: rule.rawValue
            )
        }
    }
}

extension HardwareFile {
    func identities(in file: String) -> [MachineIdentity] {
        hosts.flatMap { host in
            let name = host.name.value
            let macs = host.allMACs.map { nic, mac in
                MachineIdentity(
                    kind: .mac,
                    text: "\(mac.value)",
                    owner: "\(name) \(nic)",
                    file: file,
                    position: mac.position
                )
            }
            let bmc = host.bmc.map { access in
                MachineIdentity(
                    kind: .bmc,
                    text: "\(access.value.address)",
                    owner: name,
                    file: file,
                    position: access.position
                )
            }
            return macs + (bmc.map { [$0] } ?? [])
        }
    }
}

extension DescriptorFile {
    func identities(in file: String) -> [MachineIdentity] {
        machines.flatMap { machine in
            let name = machine.name.value
            let macs = machine.ports.filter { $0.sameAs == nil }.compactMap { port in
                port.mac.map { mac in
                    MachineIdentity(
                        kind: .mac,
                        text: "\(mac.value)",
                        owner: "\(name) \(port.name.value)",
                        file: file,
                        position: mac.position
                    )
                }
            }
            let bmc = machine.management?.address.map { address in
                MachineIdentity(
                    kind: .bmc,
                    text: "\(address.value)",
                    owner: name,
                    file: file,
                    position: address.position
                )
            }
            return macs + (bmc.map { [$0] } ?? [])
        }
    }
}
