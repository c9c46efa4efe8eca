import LabModel

extension DomainDefinition {
    /// The domain in libvirt's language (https://libvirt.org/formatdomain.html), always written, never read back.
    package var xml: String {
        let system = XMLElement("system", [:], [XMLElement("entry", ["name": "serial"], text: serial)])
        return XMLElement(
            "domain",
            [
                "type": accelerator == .kvm ? "kvm" : "qemu",
                "xmlns:qemu": "http://libvirt.org/schemas/domain/qemu/1.0",
            ],
            [
                XMLElement("name", text: name),
                XMLElement("uuid", text: uuid),
                XMLElement("memory", ["unit": "b"], text: "\(memory.bytes)"),
                XMLElement("vcpu", text: "\(cpus)"),
                XMLElement("sysinfo", ["type": "smbios"], [system]),
                firmware,
                features,
                processor,
                XMLElement("clock", ["offset": "utc"]),
                XMLElement("on_poweroff", text: "destroy"),
                XMLElement("on_reboot", text: "restart"),
                XMLElement("on_crash", text: "destroy"),
                XMLElement("devices", [:], devices),
                commandLine,
            ]
        ).render()
    }

    /// The speed of the NICs, which libvirt has no element for.
    ///
    /// Linux' bonds speak LACP only on ports that they know to be full duplex (`AD_PORT_LACP_ENABLED` in bond_3ad.c).
    private var commandLine: XMLElement {
        let arguments = ["speed=\(Self.megabits)", "duplex=full"].flatMap {
            ["-global", "virtio-net-device.\($0)"]
        }
        return XMLElement(
            "qemu:commandline",
            [:],
            arguments.map { XMLElement("qemu:arg", ["value": $0]) }
        )
    }

    private static let megabits = 10_000

    /// A PC, so that SeaBIOS and the NIC's iPXE boot it as they boot an old server.
    private var firmware: XMLElement {
        XMLElement(
            "os",
            [:],
            [
                XMLElement("type", ["arch": "x86_64", "machine": "pc"], text: "hvm"),
                XMLElement("bios", ["useserial": firmwareOnSerial ? "yes" : "no"]),
                XMLElement("smbios", ["mode": "sysinfo"]),
            ]
        )
    }

    private var features: XMLElement {
        // Unlimited, QEMU's translation cache takes up to 1 GiB a guest.
        let cache = XMLElement("tcg", [:], [XMLElement("tb-cache", ["unit": "MiB"], text: "64")])
        return XMLElement(
            "features",
            [:],
            [XMLElement("acpi"), XMLElement("apic")] + (accelerator == .tcg ? [cache] : [])
        )
    }

    private var processor: XMLElement {
        guard accelerator == .tcg else { return XMLElement("cpu", ["mode": "host-passthrough"]) }
        // QEMU 7.2's emulation of cmpxchg16b breaks guests: double faults in kmalloc, hangs. svm cannot be emulated.
        return XMLElement(
            "cpu",
            ["mode": "custom", "match": "exact", "check": "none"],
            [
                XMLElement("model", ["fallback": "forbid"], text: "qemu64"),
                XMLElement("feature", ["policy": "disable", "name": "cx16"]),
                XMLElement("feature", ["policy": "disable", "name": "svm"]),
            ]
        )
    }

    private var devices: [XMLElement] {
        let log = consoleLog.map { XMLElement("log", ["file": $0, "append": "on"]) }
        return (emulator.map { [XMLElement("emulator", text: $0)] } ?? [])
            + disks.indices.map(disk)
            + (drive.map { [Self.driveElement($0, order: order(of: .drive))] } ?? [])
            + nics.indices.map { interface($0, order: order(of: .nic($0))) }
            + [
                XMLElement(
                    "serial",
                    ["type": "pty"],
                    (log.map { [$0] } ?? []) + [XMLElement("target", ["port": "0"])]
                ),
                XMLElement(
                    "console",
                    ["type": "pty"],
                    [XMLElement("target", ["type": "serial", "port": "0"])]
                ),
                // A card without a screen is enough for screenshots.
                XMLElement("video", [:], [XMLElement("model", ["type": "vga", "vram": "4096"])]),
                // Without it guests under emulation wait long for the entropy that their SSH keys need.
                XMLElement(
                    "rng",
                    ["model": "virtio"],
                    [XMLElement("backend", ["model": "random"], text: "/dev/urandom")]
                ),
                XMLElement("controller", ["type": "usb", "model": "none"]),
                XMLElement("memballoon", ["model": "none"]),
            ]
    }

    private func disk(_ index: Int) -> XMLElement {
        let disk = disks[index]
        return XMLElement(
            "disk",
            ["type": "file", "device": "disk"],
            [
                // A lab's disks need not outlive a crash of the host, so flushes are not waited for.
                XMLElement(
                    "driver",
                    ["name": "qemu", "type": disk.format.rawValue, "cache": "unsafe", "discard": "unmap"]
                ),
                XMLElement("source", ["file": disk.path]),
                XMLElement("target", ["dev": "vd\(Self.letters(index))", "bus": "virtio"]),
            ] + order(of: .disk(index)) + [XMLElement("alias", ["name": BootTarget.disk(index).alias])]
        )
    }

    /// The CD drive; without its order it is what libvirt wants to hear when only its image changes.
    static func driveElement(_ drive: Drive, order: [XMLElement] = []) -> XMLElement {
        XMLElement(
            "disk",
            ["type": "file", "device": "cdrom"],
            [XMLElement("driver", ["name": "qemu", "type": "raw"])]
                + (drive.image.map { [XMLElement("source", ["file": $0])] } ?? [])
                + [XMLElement("target", ["dev": "hda", "bus": "ide"]), XMLElement("readonly")]
                + order + [XMLElement("alias", ["name": BootTarget.drive.alias])]
        )
    }

    /// A network card; without its order it is what libvirt wants to hear when only its link changes.
    func interface(_ index: Int, order: [XMLElement] = []) -> XMLElement {
        let nic = nics[index]
        return XMLElement(
            "interface",
            ["type": "bridge"],
            [
                XMLElement("mac", ["address": nic.mac.description]),
                XMLElement("source", ["bridge": nic.bridge]),
                XMLElement("target", ["dev": nic.tap]),
                XMLElement("model", ["type": "virtio"]),
                // Not vhost: the kernel's helper threads would be outside the lab's accounting.
                XMLElement("driver", ["name": "qemu"]),
                XMLElement("link", ["state": nic.linkUp ? "up" : "down"]),
                XMLElement("rom", ["enabled": nic.bootROM ? "yes" : "no"]),
            ] + (nic.mtu.map { [XMLElement("mtu", ["size": "\($0)"])] } ?? []) + order + [
                XMLElement("alias", ["name": BootTarget.nic(index).alias])
            ]
        )
    }

    private func order(of target: BootTarget) -> [XMLElement] {
        bootOrder.firstIndex(of: target).map { [XMLElement("boot", ["order": "\($0 + 1)"])] } ?? []
    }

    /// The name of the disk at a position: a … z, aa, ab, ….
    static func letters(_ index: Int) -> String {
        let last = String(UnicodeScalar(UInt8(ascii: "a") + UInt8(index % 26)))
        return index < 26 ? last : letters(index / 26 - 1) + last
    }
}
