import Foundation
import LabModel

@testable import PodSpec

/// A pod's files in a folder of their own, removed with it.
final class PodFolder {
    let path: String
    let name = "pod-t"

    init(network: String = PodFolder.network, dha: String = PodFolder.dha, lab: String? = nil) throws {
        path = FileManager.default.temporaryDirectory.path + "/vlab-\(UUID().uuidString)/\(name)"
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
        try network.write(toFile: path + "/network.yml", atomically: true, encoding: .utf8)
        try dha.write(toFile: path + "/dha.yml", atomically: true, encoding: .utf8)
        try lab?.write(toFile: path + "/lab.yml", atomically: true, encoding: .utf8)
    }

    deinit {
        // A folder that stays behind hurts nobody.
        try? FileManager.default.removeItem(
            atPath: URL(fileURLWithPath: path).deletingLastPathComponent().path
        )
    }

    func read() throws -> (Pod, [Diagnostic]) { try PodReader.read(PodFiles.locate(path)) }

    /// All problems of the pod, one a line, without the folder.
    func problems() throws -> [String] {
        do {
            return try read().1.map(shorten)
        } catch let error as Diagnostics {
            return error.all.map(shorten)
        }
    }

    private func shorten(_ diagnostic: Diagnostic) -> String {
        diagnostic.description.replacingOccurrences(of: path + "/", with: "")
    }

    static let network = """
        sys_intf_mappings:
          - {name: mgmt, interface: eth0, type: normal, vlan_tag: None, role: [controller, compute]}
          - {name: tenant, interface: eth2, type: normal, vlan_tag: 101, role: [controller, compute]}
          - {name: external, interface: eth1, vlan_tag: None}
        ip_settings:
          - name: mgmt
            cidr: 10.20.0.0/24
            gw: 10.20.0.1
            dhcp_ranges: [[10.20.0.10, 10.20.0.49]]
            ip_ranges: [[10.20.0.50, 10.20.0.99]]
          - name: tenant
            cidr: 192.168.102.0/24
            ip_ranges: [[192.168.102.1, 192.168.102.50]]
          - {name: external, cidr: 192.168.20.0/24, ip_ranges: [[192.168.20.10, 192.168.20.50]]}
        internal_vip: {ip: 10.20.0.100, netmask: "24", interface: mgmt}

        """

    static let dha = """
        TYPE: baremetal
        FLAVOR: cluster
        ipmiUser: root
        ipmiPass: admin
        hosts:
          - name: a
            mac: '44:A8:42:00:00:01'
            ipmiIp: 10.20.0.201
            roles: [controller, ha]
          - name: b
            mac: '44:A8:42:00:00:02'
            interfaces: [{eth0: '44:A8:42:00:00:03'}]
            ipmiIp: 10.20.0.202
            roles: [compute]

        """
}

extension String {
    func replacing(_ old: String, by new: String) -> String { replacingOccurrences(of: old, with: new) }
}
