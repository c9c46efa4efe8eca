import Foundation
import YAML

/// What a file describes, seen from its own top keys.
package enum PodFileKind: String, Sendable, CaseIterable {
    case compassNetwork = "Compass4nfv network.yml"
    case compassHardware = "Compass4nfv DHA file"
    case descriptor = "OPNFV pod descriptor file"
    case installer = "OPNFV installer descriptor file"
    case own = "vlab's pod.yml"
    case lab = "lab.yml"

    /// `lab.yml` by its name, else the kind whose keys are most of the file's; nil when no key is any kind's.
    init?(_ document: YAMLDocument) {
        if URL(fileURLWithPath: document.file).lastPathComponent == Self.lab.rawValue {
            self = .lab
            return
        }
        let keys = Set((document.root.entries ?? []).compactMap(\.key.text))
        let best = Self.allCases.map { ($0, keys.intersection($0.marks).count) }.max { $0.1 < $1.1 }
        guard let best, best.1 > 0 else { return nil }
        self = best.0
    }

    /// Keys that no other kind has at its top.
    private var marks: Set<String> {
        switch self {
        case .compassNetwork:
            [
                "sys_intf_mappings", "ip_settings", "provider_net_mappings", "bond_mappings", "nic_mappings",
                "public_net_info", "tenant_net_info", "internal_vip", "public_vip",
            ]
        case .compassHardware: ["TYPE", "FLAVOR", "hosts", "POWER_TOOL", "ipmiUser", "ipmiPass", "plugins"]
        case .descriptor: ["details", "jumphost", "version"]
        case .installer: ["idf", "xci"]
        case .own: ["nodes", "networks", "boot", "bonds", "virtual_addresses", "provider_networks"]
        case .lab: ["cpus", "memory", "disks", "roles"]
        }
    }
}
