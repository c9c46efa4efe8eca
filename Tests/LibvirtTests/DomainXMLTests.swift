import Foundation
import LabModel
import Libvirt
import Testing

@Suite("The XML of a domain")
struct DomainXMLTests {
    private static func controller() throws -> DomainDefinition {
        var machine = DomainDefinition(
            name: "ctl01",
            uuid: "6f8e0d0e-0000-4000-8000-000000000001",
            serial: "R&D 'rack' <1>",
            cpus: 2
        )
        machine.disks = [
            .init(path: "/lab/ctl01-a.qcow2", format: .qcow2), .init(path: "/lab/ctl01-b.img", format: .raw),
        ]
        let macs = try ["44:a8:42:14:cd:0d", "44:a8:42:14:cd:0e"].map { try #require(MACAddress($0)) }
        machine.nics = [
            .init(mac: macs[0], bridge: "eth0", tap: "ctl01-eth0", bootROM: true),
            .init(mac: macs[1], bridge: "eth1", tap: "ctl01-eth1", linkUp: false),
        ]
        machine.drive = .init()
        machine.bootOrder = [.nic(0), .disk(0)]
        machine.consoleLog = "/lab/ctl01.console.log"
        machine.firmwareOnSerial = true
        return machine
    }

    @Test("is as it was, for either accelerator", arguments: [Accelerator.tcg, .kvm])
    func golden(accelerator: Accelerator) throws {
        var machine = try Self.controller()
        machine.accelerator = accelerator
        let file = URL(filePath: #filePath).deletingLastPathComponent()
            .appending(path: "Fixtures/ctl01-\(accelerator.rawValue).golden")
        if ProcessInfo.processInfo.environment["VLAB_UPDATE"] == "1" {
            try machine.xml.write(to: file, atomically: true, encoding: .utf8)
        }
        #expect(try machine.xml == String(contentsOf: file, encoding: .utf8))
    }

    @Test("says what is in the drive, and that the machine boots from it")
    func drive() throws {
        var machine = try Self.controller()
        #expect(!machine.xml.contains("<source file='/lab/rescue & more.iso'/>"))
        machine.drive = .init(image: "/lab/rescue & more.iso")
        machine.bootOrder = [.drive, .disk(0)]
        #expect(machine.xml.contains("<source file='/lab/rescue &amp; more.iso'/>"))
        let drive = try #require(machine.xml.components(separatedBy: "device='cdrom'").last)
        #expect(drive.components(separatedBy: "</disk>").first?.contains("<boot order='1'/>") == true)
    }

    @Test("names disks as Linux does", arguments: [(0, "vda"), (25, "vdz"), (26, "vdaa"), (27, "vdab")])
    func diskNames(index: Int, name: String) throws {
        var machine = try Self.controller()
        machine.disks = (0...index).map { .init(path: "/lab/\($0).img", format: .raw) }
        #expect(machine.xml.contains("<target dev='\(name)' bus='virtio'/>"))
        #expect(machine.xml.components(separatedBy: "<target dev='\(name)'").count == 2)
    }
}
