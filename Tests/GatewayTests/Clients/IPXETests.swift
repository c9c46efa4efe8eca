import Foundation
import LabModel
import Testing

@testable import Gateway

extension RealClients {
    /// A guest with QEMU's own iPXE, whose cable ends in QEMU, which dials from the engine's side.
    @Suite("iPXE")
    struct IPXETests {
        private static let troubles = [
            Trouble("http.missing", on: "**/missing", says: "No such file or directory"),
            Trouble("http.status", on: "**/status", says: "HTTP 5xx Server Error"),
            Trouble("http.reset", ["at": "50%"], on: "**/reset", says: "ipxe.org/"),
            // «DNS name does not exist», by iPXE's table of errors.
            Trouble("dns.nxdomain", says: "ipxe.org/3e11"),
        ]

        @Test("fetches what a script names, and says for each what was wrong, all in one boot")
        func script() async throws {
            try await ClientLab.with { lab in
                try lab.lab.folder.write("second.ipxe", "#!ipxe\necho second: chained\n")
                for trouble in Self.troubles {
                    let name = trouble.path?.dropFirst("**/".count)
                    if let name { try lab.lab.folder.write(String(name), "#!ipxe\necho never\n") }
                    var rule = trouble.rule
                    if name == nil { rule.match.host = "nowhere.example.org" }
                    try lab.lab.gateway.install(rule)
                }
                let mirror = "http://mirror-a.vlab.test/images"
                let urls = Self.troubles.map {
                    $0.path.map { "\(mirror)/\($0.dropFirst("**/".count))" } ?? "http://nowhere.example.org/"
                }
                let lines =
                    ["#!ipxe", "chain \(mirror)/second.ipxe ||"] + urls.map { "chain \($0) ||" } + [
                        "reboot", "",
                    ]
                try lab.lab.folder.write("home/first.ipxe", lines.joined(separator: "\n"))
                let said = try await lab.prepare(
                    """
                    timeout 25 qemu-system-x86_64 -machine pc,accel=tcg,graphics=off -m 64 -boot n -no-reboot \\
                        -display none -monitor none -serial stdio -device virtio-net-pci,netdev=n \\
                        -netdev user,id=n,tftp=.,bootfile=first.ipxe </dev/null
                    """
                )
                #expect(said.contains("second: chained"), "\(said)")
                #expect(!said.contains("never"), "\(said)")
                // The console breaks long lines.
                let line = said.filter { !$0.isNewline }
                for (trouble, url) in zip(Self.troubles, urls) {
                    let after = line.components(separatedBy: "\(url)... ").dropFirst().first ?? ""
                    let words = after.components(separatedBy: ")").first ?? ""
                    #expect(trouble.words.contains { words.contains($0) }, "\(trouble): \(words) in \(said)")
                }
                let bitten = Set(lab.lab.events.named("fault.applied").map { $0.details["kind"] })
                #expect(bitten == Set(Self.troubles.map(\.kind)))
            }
        }
    }
}
