import LabModel

/// What a Redfish service is told of the machine behind it.
package struct MachineDescription: Sendable {
    package var node: Node
    package var address: IPv4Address
    /// What it can boot from.
    package var bootDevices: [BootDevice]
    /// Whether it has an EFI firmware to boot by, beside its BIOS.
    package var bootsEFI: Bool

    /// Nil for a node without a BMC.
    package init?(_ node: Node, bootDevices: [BootDevice] = [.pxe, .disk], bootsEFI: Bool = false) {
        guard let address = node.bmc?.address else { return nil }
        (self.node, self.address) = (node, address)
        (self.bootDevices, self.bootsEFI) = (bootDevices, bootsEFI)
    }
}
