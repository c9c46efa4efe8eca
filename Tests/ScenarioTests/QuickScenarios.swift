import Foundation
import LabModel

@testable import Scenario

/// The scenarios that the project ships, and pods to run them on.
enum QuickScenarios {
    static let folder =
        URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent().path + "/Scenarios/quick"

    static let names = ["download-timeout", "nic-flap", "ntp-stuck"]

    private static let all = Dictionary(
        uniqueKeysWithValues: (names + names.map { "\($0)-compass" }).map { name in
            (name, Result { try ScenarioReader.read("\(folder)/\(name).yml").0 })
        }
    )

    struct Unknown: Error { var name: String }

    static func read(_ name: String) throws -> Scenario {
        guard let result = all[name] else { throw Unknown(name: name) }
        return try result.get()
    }

    /// Three controllers, two computes, wired as pod1 is.
    static let pod = makePod(controllers: 3, computes: 2)

    static func makePod(controllers: Int, computes: Int) -> Pod {
        let names =
            (1...controllers).map { ("ctl0\($0)", ["controller", "ha"]) }
            + (1...computes).map { ("cmp00\($0)", ["compute"]) }
        let nodes = names.enumerated().map { index, node in
            Node(
                name: node.0,
                roles: node.1,
                nics: (0..<3).compactMap { nic in
                    MACAddress(octets: [0x52, 0x54, 0, 0, UInt8(index), UInt8(nic)]).map {
                        NIC(name: "eth\(nic)", mac: $0)
                    }
                },
                bmc: BMCAccess(
                    address: IPv4Address(bits: 0xC0A8_14C9 + UInt32(index)),
                    user: "root",
                    password: "admin"
                ),
                uuid: "\(index)",
                serial: "\(index)"
            )
        }
        let networks = [("mgmt", 10, 0), ("external", 20, 1)].compactMap { name, third, nic -> PodNetwork? in
            let base = IPv4Address(bits: 0x0A00_0000 + UInt32(third) << 8)
            guard
                let range = IPv4Range(
                    first: IPv4Address(bits: base.bits + 50),
                    last: IPv4Address(bits: base.bits + 99)
                )
            else { return nil }
            let cidr = IPv4Network(containing: base, prefixLength: 24)
            return PodNetwork(name: name, interface: "eth\(nic)", cidr: cidr, range: range)
        }
        return Pod(name: "simulated", nodes: nodes, networks: networks)
    }
}
