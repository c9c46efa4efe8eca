import Foundation
import TestSupport
import Testing

/// What this machine must have before any lab; a lack fails the test with the command that mends it.
enum Host {
    private struct Lack: Error, CustomStringConvertible { let description: String }

    /// Programs, and the Debian packages that bring them.
    private static let programs = [
        ("unshare", "util-linux"), ("nsenter", "util-linux"), ("ip", "iproute2"), ("nft", "nftables"),
        ("libvirtd", "libvirt-daemon-system"), ("virsh", "libvirt-clients"),
        ("qemu-system-x86_64", "qemu-system-x86"), ("ipmitool", "ipmitool"), ("dnsmasq", "dnsmasq-base"),
        ("ssh", "openssh-client"), ("setpriv", "util-linux"), ("newuidmap", "uidmap"), ("curl", "curl"),
        ("script", "bsdutils"),
    ]

    /// Checked and built once for all tests.
    private static let preparation = Task { try await prepare() }

    static func ready() async throws { try await preparation.value }

    private static func prepare() async throws {
        let path = (ProcessInfo.processInfo.environment["PATH"] ?? "") + ":/usr/sbin:/sbin"
        let folders = path.split(separator: ":")
        let lacking = programs.filter { program, _ in
            !folders.contains { FileManager.default.isExecutableFile(atPath: "\($0)/\(program)") }
        }
        guard lacking.isEmpty else {
            let packages = Set(lacking.map(\.1)).sorted().joined(separator: " ")
            throw Lack(
                description:
                    "\(lacking.map(\.0).joined(separator: ", ")) not found; run: apt-get install -y \(packages)"
            )
        }
        try await buildImages()
    }

    private static func buildImages() async throws {
        struct Row: Decodable {
            var image: String
            var digest: String?
        }
        let folder = FileManager.default.temporaryDirectory.path
        let vlab = try Project.program("vlab")
        func run(_ arguments: [String], within limit: Duration) async throws -> Command.Result {
            let result = try await Command(vlab, arguments, environment: [:], notes: folder).end(
                within: limit
            )
            guard result.status == 0 else { throw Lack(description: "\(result)") }
            return result
        }
        let listing = try await run(["image", "list", "--format", "json"], within: .seconds(60))
        let rows = try JSONDecoder().decode([Row].self, from: Data(listing.output.utf8))
        let missing = rows.filter { ["micro", "installer"].contains($0.image) && $0.digest == nil }.map(
            \.image
        )
        if !missing.isEmpty { _ = try await run(["image", "build"] + missing, within: .seconds(900)) }
    }

    /// The network interfaces outside all labs.
    static func interfaces() throws -> Set<String> {
        Set(try FileManager.default.contentsOfDirectory(atPath: "/sys/class/net"))
    }
}

/// Every test here works on guests or on the whole machine: one at a time.
@Suite("vlab, end to end", .serialized)
struct EndToEnd {}
