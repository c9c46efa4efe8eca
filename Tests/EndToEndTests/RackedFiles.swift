import TestSupport

/// Pods of two nodes in formats that no pod of the project is in.
enum RackedFiles {
    /// Compass4nfv's first generation: nothing to boot from by name, storage on a NIC of its own for each role.
    static let network = """
        nic_mappings: []
        bond_mappings: []
        provider_net_mappings:
          - {name: br-prv, network: physnet, interface: eth1, type: ovs, role: [controller, compute]}
        sys_intf_mappings:
          - {name: mgmt, interface: eth1, vlan_tag: 101, type: vlan, role: [controller, compute]}
          - {name: storage, interface: eth2, vlan_tag: 102, type: vlan, role: [controller]}
          - {name: storage, interface: eth3, vlan_tag: 102, type: vlan, role: [compute]}
          - {name: external, interface: br-prv, type: ovs, role: [controller, compute]}
        ip_settings:
          - {name: mgmt, cidr: 172.16.1.0/24, ip_ranges: [[172.16.1.1, 172.16.1.254]], role: [controller, compute]}
          - {name: storage, cidr: 172.16.2.0/24, ip_ranges: [[172.16.2.1, 172.16.2.254]], role: [controller, compute]}
          - {name: external, cidr: 192.168.50.0/24, gw: 192.168.50.1, ip_ranges: [[192.168.50.210, 192.168.50.220]], role: [controller, compute]}
        internal_vip: {ip: 172.16.1.222, netmask: "24", interface: mgmt}
        public_vip: {ip: 192.168.50.240, netmask: "24", interface: external}

        """

    /// The dialect of Compass4nfv's last, unreleased code.
    static let dha = """
        TYPE: baremetal
        FLAVOR: cluster
        POWER_TOOL: ipmitool
        hosts:
          - name: host1
            interfaces: {eth0: '44:A8:42:00:00:01', eth1: '44:A8:42:00:00:02'}
            power_type: ipmilan
            power_ip: 192.168.50.101
            power_user: root
            power_pass: admin
            roles: [controller, ha]
          - name: host2
            interfaces: {eth0: '44:A8:42:00:00:11', eth1: '44:A8:42:00:00:12'}
            power_type: ipmilan
            power_ip: 192.168.50.102
            power_user: root
            power_pass: admin
            roles: [compute]

        """

    /// OPNFV's pod descriptor file.
    static let descriptor = """
        version: 1.0
        details: {pod_owner: Somebody, contact: somebody@example.org, lab: Lab, location: Here, type: development, link: https://example.org}
        jumphost:
          name: jump
          node: &node {type: baremetal, vendor: Vendor, model: Model, arch: x86_64, cpus: 2, cpu_cflags: haswell, cores: 8, memory: 64G}
          disks: &disks
            - {name: disk1, disk_capacity: 2G, disk_type: hdd, disk_interface: sas, disk_rotation: 15000}
          os: ubuntu-16.04
          remote_params: &params {type: ipmi, versions: [2.0], user: root, pass: admin}
          remote_management: {<<: *params, address: 10.30.0.10/24, mac_address: "02:00:00:00:01:01"}
          interfaces:
            - {name: nic1, mac_address: "02:00:00:00:00:01", vlan: native}
            - {name: nic2, mac_address: "02:00:00:00:00:02"}
        nodes:
          - name: n1
            node: *node
            disks: *disks
            remote_management: {<<: *params, address: 10.30.0.11/24, mac_address: "02:00:00:00:01:02"}
            interfaces:
              - {name: nic1, mac_address: "02:00:00:00:00:11", vlan: native}
              - {name: nic2, mac_address: "02:00:00:00:00:12"}
          - name: n2
            node: *node
            disks: *disks
            remote_management: {<<: *params, address: 10.30.0.12/24, mac_address: "02:00:00:00:01:03"}
            interfaces:
              - {name: nic1, mac_address: "02:00:00:00:00:21", vlan: native}
              - {name: nic2, mac_address: "02:00:00:00:00:22"}

        """

    /// And its installer descriptor file: the network to boot from has no gateway, the public one has it on a VLAN.
    static let installer = """
        idf:
          version: 0.1
          installer: ['fuel', 'compass4nfv']
          net_config:
            oob: {interface: 0, ip-range: 10.30.0.10-10.30.0.20, vlan: native, mask: 24}
            admin: {interface: 0, vlan: native, network: 10.20.0.0, mask: 24}
            mgmt: {interface: 1, vlan: 101, network: 10.21.0.0, mask: 24}
            private: {interface: 1, vlan: 1000-1030, network: 10.22.0.0, mask: 24}
            public: {interface: 1, vlan: 414, network: 10.23.0.0, mask: 24, gateway: 10.23.0.1}

        """ + InstallerFile.endForTwoNodes

    /// vlab's own: all networks on one bond, of all NICs that the node has.
    static let oneBond = """
        nodes:
          ctl01: {roles: [controller]}
        bonds:
          bond0: {ports: [eth0, eth1], mode: 802.3ad, lacp_rate: fast}
        networks:
          mgmt: {bond: bond0, cidr: 10.20.0.0/24}
          external: {bond: bond0, vlan: 20, cidr: 192.168.20.0/24, gateway: 192.168.20.1}

        """
}
