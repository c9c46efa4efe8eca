import LabModel

@testable import PodSpec

/// For each rule, files that break it and no good ones that do.
enum RuleExamples {
    struct Example {
        var severity: Diagnostic.Severity
        var files: SampleFiles
    }

    private static let compass = SampleFiles.compass
    private static let opnfv = SampleFiles.opnfv

    private static func own(_ severity: Diagnostic.Severity, _ old: String, _ new: String) -> Example {
        Example(severity: severity, files: SampleFiles.own.replacing(old, in: "pod.yml", by: new))
    }

    private static func network(
        _ severity: Diagnostic.Severity,
        _ old: String,
        _ new: String
    ) -> Example {
        Example(severity: severity, files: compass.replacing(old, in: "network.yml", by: new))
    }

    private static func hosts(_ severity: Diagnostic.Severity, _ old: String, _ new: String) -> Example {
        Example(severity: severity, files: compass.replacing(old, in: "dha.yml", by: new))
    }

    private static func machines(_ severity: Diagnostic.Severity, _ old: String, _ new: String) -> Example {
        Example(severity: severity, files: opnfv.replacing(old, in: "pod.yaml", by: new))
    }

    private static func installer(_ severity: Diagnostic.Severity, _ old: String, _ new: String) -> Example {
        Example(severity: severity, files: opnfv.replacing(old, in: "idf-pod.yaml", by: new))
    }

    private static let bond =
        "bond_mappings:\n  - {name: bond1, host: [a, b], bond-slaves: [eth2, eth3], bond-mode: 802.3ad}\n"
    private static let open =
        "public_net_info: {enable: \"True\", type: flat, floating_ip_cidr: 192.168.20.0/24, "
        + "floating_ip_start: 192.168.20.100, floating_ip_end: 192.168.20.200}\n"

    private static func adding(_ severity: Diagnostic.Severity, _ text: String) -> Example {
        network(severity, "sys_intf_mappings:", text + "sys_intf_mappings:")
    }

    private static func bonding(_ severity: Diagnostic.Severity, _ old: String, _ new: String) -> Example {
        adding(severity, bond.replacing(old, by: new))
    }

    static let all: [PodRule: Example] = addresses.merging(wires) { one, _ in one }
        .merging(hostsAndFiles) { one, _ in one }.merging(engines) { one, _ in one }

    private static let addresses: [PodRule: Example] = [
        .addressOutside: installer(.error, "gateway: 10.20.0.1", "gateway: 10.20.1.1"),
        .addressTaken: machines(.error, "address: 10.20.0.12/24", "address: 10.20.0.11/24"),
        .addressElsewhere: machines(.warning, "address: 10.20.0.12/24", "address: 10.29.0.12/24"),
        .networksOverlap: installer(.warning, "network: 10.21.0.0", "network: 10.22.0.0"),
        .rangePairs: network(.error, "[[10.20.0.50, 10.20.0.99]]", "[[10.20.0.50]]"),
        .rangeReversed: installer(.error, "10.22.0.50-10.22.0.60", "10.22.0.60-10.22.0.50"),
        .rangeShort: network(.error, "10.20.0.99]", "10.20.0.50]"),
        .rangeNoHost: network(.error, "192.168.102.1,", "192.168.102.0,"),
        .rangesOverlap: adding(.warning, open.replacing("20.100", by: "20.40")),
        .gatewayMissing: network(.error, "    gw: 10.20.0.1\n", ""),
        .vipInRange: network(.warning, "10.20.0.100, netmask", "10.20.0.99, netmask"),
        .vipNetwork: network(.error, "interface: mgmt}", "interface: mgmnt}"),
        .floatingElsewhere: adding(.warning, open.replacing("192.168.20.", by: "100.64.0.")),
    ]

    private static let wires: [PodRule: Example] = [
        .vlanClash: installer(.error, "vlan: 101", "vlan: 1010"),
        .vlanNumber: machines(.error, "10.20.0.12/24, vlan: native", "10.20.0.12/24, vlan: 4095"),
        .bootTagged: network(.error, "vlan_tag: None, role", "vlan_tag: 7, role"),
        .bootUnknown: own(.error, "boot: mgmt", "boot: mgnt"),
        .networkTwice: network(.error, "name: external, interface: eth1", "name: tenant, interface: eth1"),
        .networkSplit: network(
            .note,
            "vlan_tag: 101, role: [controller, compute]}",
            "vlan_tag: 101, role: [controller]}\n  - {name: tenant, interface: eth2, type: dpdk, vlan_tag: 101, role: [compute]}"
        ),
        .networkUnaddressed: network(.error, "- {name: external, cidr", "- {name: extrenal, cidr"),
        .networkUnwired: network(.error, "- {name: external, interface", "- {name: extrenal, interface"),
        .nicUnknown: installer(.error, "mgmt: {interface: 1", "mgmt: {interface: 2"),
        .nicTwice: hosts(
            .error,
            "{eth0: '44:A8:42:00:00:03'}",
            "{eth0: '44:A8:42:00:00:03'}, {eth0: '44:A8:42:00:00:03'}"
        ),
        .nicUnnamed: Example(severity: .note, files: compass),
        .portTwice: machines(
            .warning,
            "{name: nic2, mac_address: \"02:00:00:00:00:22\"}",
            "{name: nic2, mac_address: \"02:00:00:00:00:21\", vlan: 101}"
        ),
        .bondMode: bonding(.error, "802.3ad", "802.3da"),
        .bondHash: bonding(.note, "802.3ad", "802.3ad, bond-xmit_hash_policy: layer2"),
        .bondPorts: bonding(.warning, "[eth2, eth3]", "[eth3]"),
        .bondHosts: bonding(.error, "[a, b]", "[a, c]"),
        .bondSlaveUsed: bonding(.error, "eth3", "eth4"),
    ]

    private static let hostsAndFiles: [PodRule: Example] = [
        .podEmpty: Example(
            severity: .error,
            files: compass.adding("dha.yml", "TYPE: baremetal\nFLAVOR: cluster\nhosts: []\n")
        ),
        .hostName: machines(.error, "name: n2", "name: n_2"),
        .hostNameCase: hosts(.warning, "name: b", "name: B2"),
        .hostTwice: machines(.error, "name: n2", "name: N1"),
        .roleUnknown: hosts(.error, "[compute]", "[compte]"),
        .roleNetwork: network(
            .warning,
            "vlan_tag: 101, role: [controller, compute]",
            "vlan_tag: 101, role: controller"
        ),
        .roleMissing: hosts(.warning, "[controller, ha]", "[controller]"),
        .expansion: hosts(.note, "[controller, ha]", "[compute]"),
        .macTwice: machines(.error, "\"02:00:00:00:00:22\"", "\"02:00:00:00:00:11\""),
        .macNoNIC: machines(.error, "\"02:00:00:00:00:22\"", "\"03:00:00:00:00:22\""),
        .bmcTwice: machines(.error, "address: 10.30.0.12/24", "address: 10.30.0.11/24"),
        .bmcVersion: hosts(.error, "ipmiPass: admin", "ipmiPass: admin\nipmiVer: '3.0'"),
        .credentialsMissing: hosts(.error, "ipmiPass: admin\n", ""),
        .credentialsLong: machines(.error, "user: root", "user: root-root-root-root"),
        .credentialsEncrypted: machines(.error, "pass: admin", "pass: \"ENC[PKCS7,MIIB]\""),
        .architecturesMixed: machines(
            .note,
            "name: n2\n    node: *node",
            "name: n2\n    node: {<<: *node, arch: aarch64}"
        ),
        .sharedMAC: Example(
            severity: .warning,
            files: SampleFiles(files: ["a/dha.yml": PodFolder.dha, "b/dha.yml": PodFolder.dha])
        ),
        .sharedBMC: Example(
            severity: .warning,
            files: SampleFiles(files: ["a/dha.yml": PodFolder.dha, "b/dha.yml": PodFolder.dha])
        ),
        .fileUnknown: Example(severity: .error, files: SampleFiles(files: ["a.yml": "something: else\n"])),
        .fileAlone: Example(severity: .note, files: SampleFiles(files: ["network.yml": PodFolder.network])),
        .schema: machines(.error, "arch: x86_64", "arch: sparc"),
        .nodeCount: installer(
            .warning,
            "                - {interfaces: [eno1, eno2]".replacing("                ", by: "        "),
            "        - {interfaces: [eno1, eno2], busaddr: []}\n        - {interfaces: [eno1, eno2]"
        ),
        .nodeUnknown: own(.error, "addresses: {n2", "addresses: {n5"),
        .sizeUnknown: Example(severity: .error, files: compass.adding("lab.yml", "nodes: {c: {cpus: 2}}\n")),
    ]

    private static let engines: [PodRule: Example] = [
        .misread: hosts(.warning, "ipmiPass: admin", "ipmiPass: 1:50"),
        .firstGeneration: network(.warning, "    dhcp_ranges: [[10.20.0.10, 10.20.0.49]]\n", ""),
        .truthText: adding(.warning, open.replacing("\"True\"", by: "true")),
        .externalType: adding(.warning, open.replacing("flat", by: "vxlan")),
        .externalAlias: network(.warning, "interface: eth1, vlan_tag: None}", "interface: eth1}"),
        .providerBridge: adding(
            .warning,
            "provider_net_mappings:\n  - {name: br-prv, network: physnet, interface: eth1, type: ovs, role: [compute]}\n"
        ),
        .prefixLength: network(.warning, "192.168.20.0/24", "192.168.20.0/25"),
        .removed: adding(.warning, "openo_net: {openo_ip: 192.168.20.60}\n"),
        .shellText: hosts(.warning, "ipmiPass: admin", "ipmiPass: 'orange*'"),
        .macOfBMC: Example(severity: .note, files: compass),
        // Tenants join eth2 and eth3, on each of which some nodes have an untagged network of their own.
        .rackSplit: network(
            .note,
            """
            eth0, type: normal, vlan_tag: None, role: [controller, compute]}
              - {name: tenant, interface: eth2, type: normal, vlan_tag: 101, role: [controller, compute]}
              - {name: external, interface: eth1, vlan_tag: None}
            """,
            """
            eth2, type: normal, vlan_tag: None, role: [controller]}
              - {name: mgmt, interface: eth0, type: normal, vlan_tag: None, role: [compute]}
              - {name: tenant, interface: eth2, type: normal, vlan_tag: 101, role: [controller]}
              - {name: tenant, interface: eth3, type: normal, vlan_tag: 101, role: [compute]}
              - {name: external, interface: eth1, vlan_tag: None, role: [controller]}
              - {name: external, interface: eth3, vlan_tag: None, role: [compute]}
            """
        ),
        .rackDPDK: network(.note, "eth2, type: normal", "eth2, type: dpdk"),
        .rackSRIOV: network(.note, "tenant", "sriov"),
        .rackBMC: Example(
            severity: .note,
            files: compass.adding(
                "dha.yml",
                "TYPE: virtual\nFLAVOR: cluster\nhosts: [{name: a, roles: [controller, ha]}]\n"
            )
        ),
        .rackPower: hosts(.note, "FLAVOR: cluster", "FLAVOR: cluster\nPOWER_TOOL: smmset"),
        .rackArchitecture: machines(.note, "arch: x86_64", "arch: aarch64"),
        .rackSizes: Example(severity: .note, files: opnfv),
        .rackName: Example(severity: .note, files: SampleFiles(files: ["pod_1/dha.yml": PodFolder.dha])),
    ]
}
