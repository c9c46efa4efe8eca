import LabModel

/// What runs a guest's instructions.
package enum Accelerator: String, Hashable, Sendable, Codable {
    /// The processor itself.
    case kvm
    /// QEMU's emulator: slower, and works everywhere.
    case tcg
}

/// A device that a machine may boot from, by its position in the ``DomainDefinition``.
package enum BootTarget: Hashable, Sendable, Codable {
    case nic(Int), disk(Int), drive

    /// The name that libvirt and QEMU know the device by; libvirt wants names that users choose to begin with `ua-`.
    var alias: String {
        switch self {
        case .nic(let index): "ua-nic\(index)"
        case .disk(let index): "ua-disk\(index)"
        case .drive: "ua-drive"
        }
    }
}

/// A machine as libvirt is told of it.
///
///     var node = DomainDefinition(name: "ctl01", uuid: uuid, serial: "PF-1")
///     node.disks = [.init(path: "/…/ctl01.qcow2", format: .qcow2)]
///     node.nics = [.init(mac: mac, bridge: "eth0", tap: "ctl01-eth0", bootROM: true)]
///     node.bootOrder = [.nic(0), .disk(0)]
///     try await host.domain("ctl01").define(node)
package struct DomainDefinition: Hashable, Sendable, Codable {
    package var name: String
    package var uuid: String
    /// What the guest reads as its serial number from SMBIOS.
    package var serial: String
    package var cpus: Int
    package var memory: Memory
    package var accelerator: Accelerator
    package var disks: [Disk] = []
    package var nics: [NetworkCard] = []
    /// Its CD drive, if it has one.
    package var drive: Drive?
    /// What the firmware tries, in this order, and nothing else.
    package var bootOrder: [BootTarget] = []
    /// The file that everything the guest writes to its serial port is appended to.
    package var consoleLog: String?
    /// Whether the firmware and the NIC's boot ROM talk on the serial port too.
    package var firmwareOnSerial = false
    /// The QEMU to use; nil for libvirt's choice.
    package var emulator: String?

    package init(
        name: String,
        uuid: String,
        serial: String,
        cpus: Int = 1,
        memory: Memory = .mebibytes(384),
        accelerator: Accelerator = .tcg
    ) {
        (self.name, self.uuid, self.serial) = (name, uuid, serial)
        (self.cpus, self.memory, self.accelerator) = (cpus, memory, accelerator)
    }

    /// A disk of the machine: `vda`, `vdb`, … by position.
    package struct Disk: Hashable, Sendable, Codable {
        package enum Format: String, Hashable, Sendable, Codable { case raw, qcow2 }
        package var path: String
        package var format: Format
        package init(path: String, format: Format) { (self.path, self.format) = (path, format) }
    }

    /// A drive that takes read-only images.
    package struct Drive: Hashable, Sendable, Codable {
        /// The image that is in it, as a path; nil for an empty drive.
        package var image: String?
        package init(image: String? = nil) { self.image = image }
    }

    /// A network card of the machine, in PCI order.
    package struct NetworkCard: Hashable, Sendable, Codable {
        package var mac: MACAddress
        /// The bridge that its port is plugged into.
        package var bridge: String
        /// What the host calls the port: at most 15 characters.
        package var tap: String
        package var linkUp: Bool
        /// Whether it has iPXE in it and can be booted from; each ROM costs time at every reset.
        package var bootROM: Bool
        /// The largest packet, where it is not the usual one.
        package var mtu: Int?

        package init(mac: MACAddress, bridge: String, tap: String, linkUp: Bool = true, bootROM: Bool = false)
        {
            (self.mac, self.bridge, self.tap, self.linkUp, self.bootROM) = (mac, bridge, tap, linkUp, bootROM)
        }
    }
}
