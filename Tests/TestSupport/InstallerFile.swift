/// Parts of OPNFV's installer descriptor files.
package enum InstallerFile {
    /// What stands behind the networks: what Fuel and XCI have to know of two nodes, n1 and n2.
    package static let endForTwoNodes = """
          fuel:
            jumphost:
              bridges: {admin: 'pxebr', mgmt: ~, private: ~, public: ~}
            network:
              node:
                - {interfaces: [eno1, eno2], busaddr: ['0000:04:00.0', '0000:04:00.1']}
                - {interfaces: [eno1, eno2], busaddr: ['0000:04:00.0', '0000:04:00.1']}
        xci:
          nodes_roles:
            n1: [controller]
            n2: [compute]

        """
}
