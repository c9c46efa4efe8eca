import Foundation

/// A program or a file of the system that vlab needs, and the Debian and Ubuntu package that has it.
package struct HostPart: Sendable, Hashable {
    package var name: String
    package var package: String
    /// What it is for.
    package var purpose: String
    /// Where it may be, any of them; empty for a program, which is looked for where programs are.
    package var places: [String]

    package init(_ name: String, package: String, for purpose: String, places: [String] = []) {
        (self.name, self.package, self.purpose, self.places) = (name, package, purpose, places)
    }

    /// Where it is on this host; nil when it lacks.
    package func locate(path: String = Self.searchPath) -> String? {
        let candidates = places.isEmpty ? path.split(separator: ":").map { "\($0)/\(name)" } : places
        return candidates.first { candidate in
            places.isEmpty
                ? FileManager.default.isExecutableFile(atPath: candidate)
                : FileManager.default.fileExists(atPath: candidate)
        }
    }

    /// A plain user's PATH lacks the folders of system programs, and the sandbox looks there too.
    package static var searchPath: String {
        let own = ProcessInfo.processInfo.environment["PATH"] ?? ""
        return ([own] + ["/usr/local/sbin", "/usr/sbin", "/sbin", "/usr/bin", "/bin"])
            .filter { !$0.isEmpty }.joined(separator: ":")
    }

    package func check(isRoot: Bool, path: String = Self.searchPath) -> HostCheck {
        if let place = locate(path: path) { return .ok(name, place) }
        return .lacks(
            name,
            "not installed (\(purpose))",
            remedy: RootCommand.install([package], isRoot: isRoot)
        )
    }
}

extension HostPart {
    /// What a lab needs to be racked.
    package static let ofLab: [HostPart] =
        ["unshare", "nsenter", "setsid"].map { HostPart($0, package: "util-linux", for: "the sandbox") } + [
            HostPart("ip", package: "iproute2", for: "switches"),
            HostPart("nft", package: "nftables", for: "the way to the gateway"),
            HostPart(
                "libvirt's daemon",
                package: "libvirt-daemon",
                for: "machines",
                places: ["/usr/sbin/virtqemud", "/usr/sbin/libvirtd"]
            ),
            HostPart(
                "libvirt's QEMU driver",
                package: "libvirt-daemon-driver-qemu",
                for: "machines",
                places: libraryFolders.map { "\($0)/libvirt/connection-driver/libvirt_driver_qemu.so" }
            ),
            HostPart(
                "qemu-system-x86_64",
                package: "qemu-system-x86",
                for: "machines",
                places: ["/usr/bin/qemu-system-x86_64"]
            ),
            HostPart(
                "SeaBIOS",
                package: "seabios",
                for: "firmware",
                places: dataFile("seabios", "bios-256k.bin")
            ),
            HostPart(
                "iPXE ROM",
                package: "ipxe-qemu",
                for: "network boot",
                places: ["/usr/lib/ipxe/qemu/efi-virtio.rom"] + dataFile("ipxe", "efi-virtio.rom")
            ),
        ]

    /// What `vdeploy` needs on the jump host.
    package static let ofEngine: [HostPart] = [
        HostPart("ipmitool", package: "ipmitool", for: "vdeploy, and the lab's look at its own BMCs"),
        HostPart("dnsmasq", package: "dnsmasq-base", for: "vdeploy's DHCP"),
        HostPart("setpriv", package: "util-linux", for: "vdeploy, whose programs end with it"),
        HostPart("ssh-keygen", package: "openssh-client", for: "vdeploy's key"),
    ]

    /// What a person at the terminal needs.
    package static let ofCommands: [HostPart] = [
        HostPart("virsh", package: "libvirt-clients", for: "vlab virsh"),
        HostPart("ssh", package: "openssh-client", for: "vlab ssh"),
    ]

    private static var libraryFolders: [String] {
        // A host without /usr/lib has no libvirt there either.
        let names = (try? FileManager.default.contentsOfDirectory(atPath: "/usr/lib")) ?? []
        return ["/usr/lib", "/usr/lib64"]
            + names.filter { $0.hasSuffix("-linux-gnu") }.map { "/usr/lib/\($0)" }
    }

    private static func dataFile(_ folder: String, _ name: String) -> [String] {
        ["/usr/share/\(folder)/\(name)", "/usr/share/qemu/\(name)", "/usr/lib/qemu/\(name)"]
    }
}
