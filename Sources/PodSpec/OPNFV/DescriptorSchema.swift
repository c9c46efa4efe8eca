import LabModel
import YAML

/// The schema of OPNFV's pod descriptor file (PDF), version 1.0.
extension Schema {
    static let descriptor = object([
        required("version", numbers([1.0])),
        optional("version_1.0", flag),
        required("details", details),
        required("jumphost", jumphost),
        required("nodes", list(node)),
    ])

    private static let details = object([
        required("type", choice(["production", "development"])),
        required("pod_owner", text),
        required("contact", pattern("somebody@example.org", isContact)),
        required("lab", text),
        required("location", text),
        required("link", text),
    ])

    private static let jumphost = object([
        required("name", text),
        required("node", hardware),
        required("disks", list(disk)),
        required("os", text),
        // Only there to be named by aliases; what it holds is seen where it is merged.
        optional("remote_params", openObject),
        required("remote_management", management),
        required("interfaces", list(interface)),
    ])

    private static let node = object([
        required("name", text),
        required("node", hardware),
        required("disks", list(disk)),
        optional("os", text),
        optional("remote_params", openObject),
        required("remote_management", management),
        required("interfaces", list(interface)),
    ])

    private static let hardware = object([
        required("type", choice(["baremetal", "virtual"])),
        required("vendor", text),
        required("model", text),
        required("arch", choice(["aarch64", "x86_64"])),
        required("cpus", number),
        required("cpu_cflags", text),
        required("cores", number),
        required("memory", pattern("64G", { Memory(described: $0) != nil && !$0.contains(".") })),
    ])

    private static let disk = object([
        required("name", pattern("disk1", { isNumbered($0, "disk") })),
        required("disk_capacity", pattern("480G", { Memory(described: $0) != nil })),
        required("disk_type", choice(["hdd", "ssd", "cdrom", "tape"])),
        required("disk_interface", choice(["sata", "sas", "ssd", "nvme", "scsi", "iscsi"])),
        required("disk_rotation", numbers([0, 5400, 7200, 10000, 15000])),
    ])

    private static let management: Schema = {
        let account = [
            required("user", text), required("pass", text), optional("port", number),
            optional("privilege_level", text),
        ]
        let lan =
            account + [
                required("type", choice(["ipmi", "amt", "libvirt"])),
                required("versions", list(numbers([1.0, 2.0]))),
                required("address", text),
                required("mac_address", pattern(exampleMAC, { MACAddress(described: $0) != nil })),
            ]
        let libvirt =
            account + [
                required("type", text), required("address", text), optional("versions", list(anything)),
                optional("mac_address", text),
            ]
        return byType(["libvirt": object(libvirt)], otherwise: object(lan))
    }()

    private static let interface = object([
        required("name", pattern("nic1", { isNumbered($0, "nic") })),
        required("mac_address", pattern(exampleMAC, { MACAddress(described: $0) != nil })),
        optional("address", text),
        // Its forms are read where it is used.
        optional("vlan", textOrNumber),
        optional("speed", choice(["1gb", "10gb", "25gb", "40gb"])),
        optional(
            "features",
            orNull(
                pattern(
                    "dpdk|sriov",
                    { $0.split(separator: "|").allSatisfy { $0 == "dpdk" || $0 == "sriov" } }
                )
            )
        ),
    ])

    private static let exampleMAC = "44:a8:42:14:cd:0d"

    private static func isNumbered(_ text: String, _ prefix: String) -> Bool {
        let digits = text.dropFirst(prefix.count)
        return text.hasPrefix(prefix) && !digits.isEmpty && digits.allSatisfy { ("0"..."9").contains($0) }
    }

    /// One or more addresses, with commas, semicolons or blanks between them.
    @Sendable private static func isContact(_ text: String) -> Bool {
        let addresses = text.split { ",; ".contains($0) }
        return !addresses.isEmpty
            && addresses.allSatisfy { address in
                let parts = address.split(separator: "@", omittingEmptySubsequences: false)
                return parts.count == 2 && !parts[0].isEmpty && parts[1].dropFirst().contains(".")
            }
    }
}

extension MACAddress {
    /// Octets with colons or hyphens between them, as the schema allows.
    init?(described text: String) {
        self.init(String(text.map { $0 == "-" ? ":" : $0 }))
    }
}
