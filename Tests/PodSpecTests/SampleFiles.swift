import Foundation
import TestSupport

@testable import PodSpec

/// Good files of each format, for tests to spoil.
struct SampleFiles: Sendable {
    /// By name; written into a folder of their own.
    var files: [String: String]

    /// Compass4nfv's second generation, bare metal.
    static let compass = SampleFiles(files: ["network.yml": PodFolder.network, "dha.yml": PodFolder.dha])
    /// OPNFV's pair.
    static let opnfv = SampleFiles(files: ["pod.yaml": descriptor, "idf-pod.yaml": installer])

    /// vlab's own, with something of everything.
    static let own = SampleFiles(files: ["pod.yml": ownPod])

    /// What may stand beside any of them, with something of everything.
    static let lab = SampleFiles(files: ["lab.yml": ownLab])

    /// With a text in one of the files replaced.
    func replacing(_ old: String, in file: String, by new: String) -> SampleFiles {
        var changed = self
        precondition(files[file]?.contains(old) == true, "\(file) has no “\(old)”")
        changed.files[file] = files[file]?.replacing(old, by: new)
        return changed
    }

    func adding(_ file: String, _ text: String) -> SampleFiles {
        var changed = self
        changed.files[file] = text
        return changed
    }

    /// What is found in them.
    func report(in name: String = "pod-t") throws -> PodReport {
        let folder = FileManager.default.temporaryDirectory.path + "/vlab-\(UUID().uuidString)/\(name)"
        let outer = URL(fileURLWithPath: folder).deletingLastPathComponent().path
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        // A folder that stays behind hurts nobody.
        defer { try? FileManager.default.removeItem(atPath: outer) }
        for (file, text) in files {
            let path = "\(folder)/\(file)"
            let inside = URL(fileURLWithPath: path).deletingLastPathComponent().path
            try FileManager.default.createDirectory(atPath: inside, withIntermediateDirectories: true)
            try text.write(toFile: path, atomically: true, encoding: .utf8)
        }
        return PodReport(checking: files.keys.sorted().map { "\(folder)/\($0)" })
    }

    private static let ownPod = """
        pod: pod-t
        boot: mgmt
        bmc: {first: 192.168.20.201, user: root, password: admin, version: "2.0"}
        nodes:
          n1:
            roles: [controller, ha]
            nics: {eth0: "02:00:00:00:00:11", eth1: ~, eth4: ~}
            bmc: {address: 192.168.20.211, user: other, password: secret, version: "1.5", mac: "02:00:00:00:01:01"}
            hardware: &machine
              type: baremetal
              vendor: Vendor
              model: Model
              architecture: x86_64
              cpus: 2
              cores: 8
              memory: 64G
              disks:
                - {name: disk1, kind: hdd, capacity: 1.8T}
          n2: {roles: [compute], bmc: 192.168.20.212, hardware: *machine}
          n3: {roles: [compute], bmc: none}
          n4:
        networks:
          mgmt: {cidr: 10.20.0.0/24}
          external:
            nic: eth1
            cidr: 192.168.20.0/24
            gateway: 192.168.20.1
            range: 192.168.20.10-192.168.20.50
            addresses: {n2: 192.168.20.77}
          tenant:
            nic: eth2
            vlan: 1000-1030
            cidr: 192.168.102.0/24
            gateway: none
            dhcp: 192.168.102.200-192.168.102.250
            attachments:
              - {roles: [controller], nic: eth2, vlan: 1000}
              - {roles: [compute], nic: eth2, vlan: 1000, kind: dpdk}
          storage: {bond: bond0, vlan: 102, cidr: 192.168.103.0/24}
        bonds:
          bond0:
            ports: [eth3, eth4]
            mode: 802.3ad
            mtu: 9000
            nodes: [n1, n2, n3, n4]
            lacp_rate: slow
            miimon: 50
            xmit_hash_policy: vlan+srcmac
        virtual_addresses:
          internal_vip: {address: 10.20.0.150, network: mgmt, prefix: 24}
          public_vip: {address: 192.168.20.103}
        provider_networks:
          physnet: {bridge: br-provider, nic: eth1, roles: [controller]}

        """

    private static let ownLab = """
        cpus: 1
        memory: 512M
        disks: [2G]
        image: micro
        bmc: {profile: openbmc}
        roles:
          compute: {memory: 1G, bmc: {profile: dell-idrac9}}
        nodes:
          n1: {cpus: 2, disks: [2G, 4G], image: debian13}
        engine: {command: [deploy, "--all"]}
        uplink: record
        https: {open: ["mirror.example.org", "*.example.net"]}

        """

    private static let descriptor = """
        version: 1.0
        details:
          pod_owner: Somebody
          contact: somebody@example.org
          lab: Lab
          location: Here
          type: development
          link: https://example.org
        jumphost:
          name: jump
          node: &node
            type: baremetal
            vendor: Vendor
            model: Model
            arch: x86_64
            cpus: 2
            cpu_cflags: haswell
            cores: 8
            memory: 64G
          disks: &disks
            - {name: disk1, disk_capacity: 1.8T, disk_type: hdd, disk_interface: sas, disk_rotation: 15000}
            - {name: disk2, disk_capacity: 480GB, disk_type: ssd, disk_interface: sata, disk_rotation: 0}
          os: ubuntu-16.04
          remote_params: &params
            type: ipmi
            versions: [2.0]
            user: root
            pass: admin
          remote_management:
            <<: *params
            address: 10.30.0.10/24
            mac_address: 02:00:00:00:01:01
          interfaces:
            - {name: nic1, mac_address: "02:00:00:00:00:01", address: 10.20.0.1/24, vlan: native}
            - {name: nic2, mac_address: "02:00:00:00:00:02"}
        nodes:
          - name: n1
            node: *node
            disks: *disks
            remote_management:
              <<: *params
              address: 10.30.0.11/24
              mac_address: "02:00:00:00:01:02"
            interfaces:
              - {name: nic1, mac_address: "02:00:00:00:00:11", address: 10.20.0.11/24, vlan: native}
              - {name: nic2, mac_address: "02-00-00-00-00-12", speed: 10gb, features: 'dpdk|sriov'}
          - name: n2
            node: *node
            disks: *disks
            remote_management:
              <<: *params
              address: 10.30.0.12/24
              mac_address: "02:00:00:00:01:03"
            interfaces:
              - {name: nic1, mac_address: "02:00:00:00:00:21", address: 10.20.0.12/24, vlan: native}
              - {name: nic2, mac_address: "02:00:00:00:00:22"}

        """

    private static let installer = """
        idf:
          version: 0.1
          installer: ['fuel', 'compass4nfv']
          net_config:
            oob: {interface: 0, ip-range: 10.30.0.10-10.30.0.20, vlan: native, mask: 24}
            admin: {interface: 0, vlan: native, network: 10.20.0.0, mask: 24, gateway: 10.20.0.1, dns: 8.8.8.8}
            mgmt: {interface: 1, vlan: 101, network: 10.21.0.0, mask: 24}
            private: {interface: 1, vlan: 1000-1030, network: 10.22.0.0, mask: 24, ip-range: 10.22.0.50-10.22.0.60}
            public: {interface: 1, vlan: native, network: 10.23.0.0, mask: 24, dns: [8.8.8.8, 8.8.4.4]}

        """ + InstallerFile.endForTwoNodes
}
