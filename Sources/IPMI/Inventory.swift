/// What a BMC is told of the machine that it sits in, and of itself.
package struct Inventory: Hashable, Sendable {
    /// Sixteen bytes that name the machine: its UUID from its last byte to its first (IPMI 2.0 §20.8).
    package var guid: [UInt8]
    /// What the pod's files call the machine.
    package var name: String
    package var manufacturer = "vlab"
    package var product = "Virtual server"
    package var part = "VS1"
    package var serial: String
    package var assetTag = ""
    package var processors = 1
    /// MiB.
    package var memory = 1024
    /// The machine's NICs in their order: name, and six bytes of address.
    package var nics: [NIC] = []
    /// How the BMC itself is reached.
    package var network = LANSettings()
    /// Seconds since 1970 at the moment that the BMC's times count from.
    package var epoch: UInt32 = 0
    /// What the BMC calls itself.
    package var identity = DeviceIdentity()

    /// One NIC of the machine.
    package struct NIC: Hashable, Sendable {
        package var name: String
        package var address: [UInt8]
        package init(name: String, address: [UInt8]) { (self.name, self.address) = (name, address) }
    }

    package init(guid: [UInt8], name: String = "", serial: String = "") {
        precondition(guid.count == 16)
        (self.guid, self.name, self.serial) = (guid, name, serial)
    }
}

/// A BMC's own place in the network; addresses in host order: 10.0.0.1 is 0x0A000001.
package struct LANSettings: Hashable, Sendable {
    package var address: UInt32 = 0
    package var mask: UInt32 = 0xFFFF_FF00
    /// 0 when there is none.
    package var gateway: UInt32 = 0
    /// Six bytes.
    package var hardwareAddress: [UInt8] = [0, 0, 0, 0, 0, 0]
    package init() {}
}
