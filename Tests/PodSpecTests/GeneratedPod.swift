import Foundation

@testable import PodSpec

/// The files of a pod of any size, as a program would write them.
enum GeneratedPod {
    static func compass(nodes count: Int) -> SampleFiles {
        let networks = ["mgmt", "tenant", "storage", "external"].enumerated().map { index, name in
            """
              - name: \(name)
                cidr: 10.\(index).0.0/16
                ip_ranges: [[10.\(index).1.0, 10.\(index).200.255]]
            """ + (index == 0 ? "\n    gw: 10.0.0.1\n    dhcp_ranges: [[10.0.201.0, 10.0.240.0]]" : "")
        }
        let mappings = ["mgmt", "tenant", "storage", "external"].enumerated().map { index, name in
            "  - {name: \(name), interface: eth\(index), type: normal, vlan_tag: None}"
        }
        let hosts = (0..<count).map { number in
            """
              - name: host\(number)
                mac: '02:00:00:\(octets(number))'
                interfaces:
                  - eth1: '02:00:01:\(octets(number))'
                  - eth2: '02:00:02:\(octets(number))'
                ipmiIp: 172.16.\(number / 250).\(number % 250 + 1)
                roles: [\(number < 3 ? "controller, ha, ceph-mon" : "compute, ceph-osd")]
            """
        }
        let dha = "TYPE: baremetal\nFLAVOR: cluster\nipmiUser: root\nipmiPass: admin\nhosts:\n"
        return SampleFiles(
            files: [
                "network.yml": "sys_intf_mappings:\n" + mappings.joined(separator: "\n")
                    + "\nip_settings:\n" + networks.joined(separator: "\n") + "\n",
                "dha.yml": dha + hosts.joined(separator: "\n") + "\n",
            ]
        )
    }

    private static func octets(_ number: Int) -> String {
        [16, 8, 0].map { shift in
            let digits = String(number >> shift & 0xFF, radix: 16)
            return digits.count == 1 ? "0" + digits : digits
        }.joined(separator: ":")
    }
}
