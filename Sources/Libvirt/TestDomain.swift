import Clibvirt
import LabModel

/// A domain of libvirt's test driver, which has a definition and a state, and nothing that runs.
package struct TestDomain: Hashable, Sendable {
    package var name: String
    package var uuid: String
    /// What it boots from first; nil leaves that to the driver.
    package var boot: BootDevice?

    package init(name: String, uuid: String, boot: BootDevice? = nil) {
        (self.name, self.uuid, self.boot) = (name, uuid, boot)
    }

    var xml: String {
        let order = boot.map { [XMLElement("boot", ["dev": Self.libvirtName($0)])] } ?? []
        return XMLElement(
            "domain",
            ["type": "test"],
            [
                XMLElement("name", text: name),
                XMLElement("uuid", text: uuid),
                XMLElement("memory", ["unit": "MiB"], text: "1"),
                XMLElement("os", [:], [XMLElement("type", text: "hvm")] + order),
            ]
        ).render()
    }

    private static func libvirtName(_ device: BootDevice) -> String {
        switch device {
        case .pxe: "network"
        // The firmware's set-up is no device: the disk is what it would boot in the end.
        case .disk, .bios: "hd"
        case .cdrom: "cdrom"
        }
    }
}

extension Domain {
    /// Defines it on the test driver, or changes what its next power-on will use.
    package func define(_ definition: TestDomain) throws(LibvirtError) {
        precondition(definition.name == name, "the definition of another domain")
        _ = try DomainHandle(
            defining: definition.xml,
            as: name,
            on: connection(for: "virDomainDefineXMLFlags")
        )
    }

    /// Asks the guest to stop by whatever way the driver has: the test driver has no power button.
    package func askToStop() throws(LibvirtError) {
        try handle(for: "virDomainShutdownFlags").call("virDomainShutdownFlags") {
            virDomainShutdownFlags($0, VIR_DOMAIN_SHUTDOWN_DEFAULT.rawValue)
        }
    }
}
