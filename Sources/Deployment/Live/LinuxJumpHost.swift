import Foundation
import LabModel

/// The machine that the engine runs on.
package struct LinuxJumpHost: JumpHost {
    private struct Interface: Decodable {
        struct Address: Decodable { var local: String? }
        var name: String
        var addresses: [Address]
        enum CodingKeys: String, CodingKey {
            case name = "ifname"
            case addresses = "addr_info"
        }
    }

    package init() {}

    package func interface(holding address: IPv4Address) async throws -> String? {
        let outcome = try await HostProgram(name: "ip", arguments: ["-j", "addr"]).run(within: .seconds(10))
        guard outcome.status == 0 else { throw DeployError("ip -j addr: \(outcome.errors)") }
        return try Self.interface(holding: address, in: outcome.output)
    }

    static func interface(holding address: IPv4Address, in listing: String) throws -> String? {
        try JSONDecoder().decode([Interface].self, from: Data(listing.utf8))
            .first { $0.addresses.contains { $0.local == "\(address)" } }?.name
    }

    package func missing(_ programs: [String]) -> [String] {
        let path = ProcessInfo.processInfo.environment["PATH"] ?? "/usr/sbin:/usr/bin:/sbin:/bin"
        let folders = path.split(separator: ":")
        return programs.filter { program in
            !folders.contains { FileManager.default.isExecutableFile(atPath: "\($0)/\(program)") }
        }
    }

    package func nameServers() -> [IPv4Address] {
        // A host without the file asks nobody.
        let text = (try? String(contentsOfFile: "/etc/resolv.conf", encoding: .utf8)) ?? ""
        return Self.nameServers(in: text)
    }

    /// As resolv.conf(5) has them.
    static func nameServers(in text: String) -> [IPv4Address] {
        text.split(whereSeparator: \.isNewline).compactMap { line -> IPv4Address? in
            let words = line.split(whereSeparator: \.isWhitespace)
            guard words.count > 1, words[0] == "nameserver", !words[1].hasPrefix("127.") else { return nil }
            return IPv4Address(String(words[1]))
        }
    }

    package func publicKey(at path: String) async throws -> String {
        if !FileManager.default.fileExists(atPath: path + ".pub") {
            let arguments = ["-q", "-t", "ed25519", "-N", "", "-C", "vdeploy", "-f", path]
            let outcome = try await HostProgram(name: "ssh-keygen", arguments: arguments)
                .run(within: .seconds(30))
            guard outcome.status == 0 else { throw DeployError("ssh-keygen: \(outcome.errors)") }
        }
        let text = try String(contentsOfFile: path + ".pub", encoding: .utf8)
        return text.split(whereSeparator: \.isNewline).first.map(String.init) ?? ""
    }
}
