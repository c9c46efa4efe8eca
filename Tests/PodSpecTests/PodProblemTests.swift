import LabModel
import TestSupport
import Testing

@testable import PodSpec

@Suite("A problem in a pod's files is reported with its place and a way out:")
struct PodProblemTests {
    @Test(
        "in network.yml",
        arguments: [
            Spoiling(
                "10.20.0.99]",
                "10.20.1.99]",
                "network.yml:10:30: error: ip_ranges: 10.20.1.99 is outside of 10.20.0.0/24; correct it, or the cidr"
            ),
            Spoiling(
                "10.20.0.99]",
                "10.20.0.50]",
                "network.yml:10:17: error: ip_ranges of mgmt hold 1 addresses, the pod has 2 hosts; lengthen the range"
            ),
            Spoiling(
                "gw: 10.20.0.1",
                "gw: 10.21.0.1",
                "network.yml:8:9: error: gateway 10.21.0.1 is outside of 10.20.0.0/24; take one inside"
            ),
            Spoiling(
                "gw: 10.20.0.1",
                "gw: 10.20.0.x",
                "network.yml:8:9: error: gw cannot be read from “10.20.0.x”; write it like 10.20.0.1"
            ),
            Spoiling(
                "ip_settings:",
                "ip_setings:",
                "network.yml:1:1: error: network.yml has no “ip_settings”; add “ip_settings:”",
                "network.yml:5:1: error: unknown key “ip_setings” in network.yml; did you mean “ip_settings”?"
            ),
            Spoiling(
                "- name: tenant",
                "- name: tennant",
                "network.yml:3:12: error: network “tenant” has no addresses: it is not in ip_settings; did you mean “tennant”?",
                "network.yml:11:11: error: network “tennant” has no NIC: it is not in sys_intf_mappings; did you mean “tenant”?"
            ),
            Spoiling(
                "interface: eth2, type: normal, vlan_tag: 101",
                "interface: eth0, type: normal, vlan_tag: None",
                "network.yml:3:31: error: tenant is on eth0 untagged, as mgmt is; give one of them another vlan_tag or NIC"
            ),
            Spoiling(
                "vlan_tag: 101",
                "vlan_tag: 5000",
                "network.yml:3:61: error: vlan_tag 5000 does not exist; tags are 1 to 4094, or None"
            ),
            Spoiling(
                "vlan_tag: 101",
                "vlan_tag: 0101",
                "network.yml:3:61: warning: vlan_tag “0101” is the number 65 to readers of YAML 1.1, as engines are; write 65, if that is meant"
            ),
            Spoiling(
                "[[10.20.0.10, 10.20.0.49]]",
                "[[10.20.0.49, 10.20.0.49]]",
                "network.yml:9:19: warning: dhcp_ranges of mgmt hold 1 addresses for 2 hosts that boot at once; lengthen the range"
            ),
            Spoiling(
                "10.20.0.100, netmask",
                "10.20.0.99, netmask",
                "network.yml:15:20: warning: internal_vip 10.20.0.99 is inside ip_ranges (10.20.0.50–10.20.0.99); a node added later would get it too"
            ),
            Spoiling(
                "10.20.0.100, netmask",
                "10.20.0.51, netmask",
                "network.yml:15:20: error: internal_vip 10.20.0.51 is the address of host 2; take one outside of 10.20.0.50–10.20.0.99"
            ),
            Spoiling(
                "interface: mgmt}",
                "interface: mgmnt}",
                "network.yml:15:59: error: unknown network “mgmnt”; did you mean “mgmt”?"
            ),
            Spoiling(
                "    dhcp_ranges: [[10.20.0.10, 10.20.0.49]]\n",
                "",
                "network.yml:6:11: warning: no network has dhcp_ranges, so that nodes could boot from it: Compass4nfv's Gambia release ends with a KeyError here, and goes on without an address to install from; give mgmt dhcp_ranges and gw"
            ),
            Spoiling(
                "    gw: 10.20.0.1\n",
                "",
                "network.yml:6:11: error: mgmt has dhcp_ranges and no gw; give it the jump host's address as gw"
            ),
            Spoiling(
                "vlan_tag: None",
                "vlan_tag: 7",
                "network.yml:2:12: error: nodes boot from mgmt, which is tagged: a NIC boots untagged; make its vlan_tag None"
            ),
            Spoiling(
                "sys_intf",
                "\tsys_intf",
                "network.yml:1:1: error: found character that cannot start any token while scanning for the next token; indent with blanks, not with tabs; the rest of the file was not read"
            ),
            Spoiling(
                "interface: eth2",
                "interface: br-prv",
                "network.yml:3:31: error: interface “br-prv” is no NIC; NICs are eth0 to eth15"
            ),
            Spoiling(
                "192.168.102.1,",
                "192.168.102.0,",
                "network.yml:13:17: error: host 1 would get 192.168.102.0, which is not a host's in 192.168.102.0/24; start the range elsewhere"
            ),
        ]
    )
    func network(spoiling: Spoiling) throws {
        let folder = try PodFolder(network: spoiling.made(in: PodFolder.network))
        let problems = try folder.problems()
        #expect(problems == spoiling.problems)
    }

    @Test(
        "in the DHA file",
        arguments: [
            Spoiling(
                "roles: [compute]",
                "roles: [compute]\n    rolse: []",
                "dha.yml:15:5: error: unknown key “rolse” in a host; did you mean “roles”?"
            ),
            Spoiling(
                "FLAVOR: cluster",
                "FLAVOR: cluster\nFLAVOUR: x",
                "dha.yml:3:1: error: unknown key “FLAVOUR” in the DHA file; did you mean “FLAVOR”?"
            ),
            Spoiling("name: b", "name: a", "dha.yml:10:11: error: two hosts are named a; rename one"),
            Spoiling(
                "name: b",
                "name: b_1",
                "dha.yml:10:11: error: “b_1” cannot be a host's name; use 1 to 63 letters, digits and hyphens, no hyphen at either end"
            ),
            Spoiling(
                "00:03",
                "00:01",
                "dha.yml:12:25: error: b eth0 has the MAC 44:a8:42:00:00:01 of a eth0; each NIC has its own"
            ),
            Spoiling(
                "10.20.0.202",
                "10.20.0.201",
                "dha.yml:13:13: error: b has the BMC address 10.20.0.201 of a; each BMC has its own"
            ),
            Spoiling(
                "10.20.0.202",
                "10.20.0.50",
                "dha.yml:13:13: error: the BMC of b has 10.20.0.50, which belongs to a on mgmt; take a free one"
            ),
            Spoiling(
                "10.20.0.202",
                "10.20.0.100",
                "dha.yml:13:13: error: the BMC of b has 10.20.0.100, which belongs to internal_vip; take a free one"
            ),
            Spoiling(
                "'44:A8:42:00:00:03'",
                "'44:A8:42:00:00:03 '",
                "dha.yml:12:25: error: the MAC of eth0 cannot be read from “44:A8:42:00:00:03 ”; remove the blanks around it"
            ),
            Spoiling(
                "'44:A8:42:00:00:03'",
                "'01:A8:42:00:00:03'",
                "dha.yml:12:25: error: the MAC of eth0 01:a8:42:00:00:03 belongs to no single NIC; its first octet must be even, and not all may be 0"
            ),
            Spoiling(
                "ipmiPass: admin\n",
                "",
                "dha.yml:5:5: error: the host has no ipmiPass; give it here, or for all at the top",
                "dha.yml:9:5: error: the host has no ipmiPass; give it here, or for all at the top"
            ),
            Spoiling(
                "[compute]",
                "[compte]",
                "dha.yml:14:13: error: unknown role “compte”; did you mean “compute”?"
            ),
            Spoiling(
                "baremetal",
                "real",
                "dha.yml:1:7: error: TYPE cannot be “real”; use one of: baremetal, virtual"
            ),
            Spoiling(
                "10.20.0.202",
                "10.20.0.300",
                "dha.yml:13:13: error: ipmiIp cannot be read from “10.20.0.300”; write it like 10.20.0.1"
            ),
        ]
    )
    func hardware(spoiling: Spoiling) throws {
        let folder = try PodFolder(dha: spoiling.made(in: PodFolder.dha))
        let problems = try folder.problems()
        #expect(problems == spoiling.problems)
    }

    @Test(
        "in lab.yml",
        arguments: [
            ("memroy: 1G", "lab.yml:1:1: error: unknown key “memroy” in lab.yml; did you mean “memory”?"),
            ("memory: 1.5", "lab.yml:1:9: error: memory cannot be read from “1.5”; write it like 512M or 2G"),
            ("memory: 12", "lab.yml:1:9: error: memory must be at least 64M and at most 64T, not 12"),
            ("cpus: 0", "lab.yml:1:7: error: cpus must be 1 to 256, not 0"),
            ("disks: []", "lab.yml:1:8: error: disks is empty; a node has at least one"),
            ("bmc: {}", "lab.yml:1:6: error: bmc has no “profile”; add “profile:”"),
            (
                "bmc: {profile: idrac9}",
                "lab.yml:1:16: error: profile cannot be “idrac9”; "
                    + "use one of: cisco-imc, dell-idrac9, openbmc, supermicro-x9, well-behaved"
            ),
            (
                "https: {open: [a], pass: [b]}",
                "lab.yml:1:8: error: https says which hosts are opened or which pass, one of the two; "
                    + "write {open: [\"*.example.org\"]}, which lets the rest pass, or {pass: …}"
            ),
            ("nodes: {c: {cpus: 1}}", "lab.yml:1:9: error: there is no node “c”; did you mean “a”?"),
            (
                "roles: {compte: {cpus: 1}}",
                "lab.yml:1:9: error: no node has the role “compte”; did you mean “compute”?"
            ),
        ]
    )
    func sizes(lab: String, problem: String) throws {
        #expect(try PodFolder(lab: lab).problems() == [problem])
    }

    @Test("none: a lab.yml may say which HTTPS is opened, or which passes")
    func https() throws {
        for (text, expected) in [
            ("open", .openAll), ("pass", .passAll), ("{open: [\"*.a\"]}", .open(["*.a"])),
            ("{pass: [b, c]}", .pass(["b", "c"])),
        ] as [(String, LabSettings.HTTPS)] {
            let folder = try PodFolder(lab: "https: \(text)")
            #expect(try folder.read().0.lab?.https == expected)
        }
    }

    @Test("in all files at once")
    func everywhere() throws {
        let folder = try PodFolder(
            network: "a: [",
            dha: PodFolder.dha.replacing("roles: [c", by: "rol: [c"),
            lab: "x: 1"
        )
        let problems = try folder.problems()
        #expect(Set(problems.map { $0.prefix { $0 != ":" } }) == ["network.yml", "dha.yml", "lab.yml"])
        #expect(problems.count == 6)
    }

    @Test("also when a file is missing")
    func missing() throws {
        let folder = try PodFolder()
        let files = PodFiles(network: folder.path + "/nothing.yml", dha: folder.path + "/dha.yml")
        let error = #expect(throws: Diagnostics.self) { try PodReader.read(files) }
        #expect(error?.all.map(\.message) == ["the file does not exist"])
    }
}
