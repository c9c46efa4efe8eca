import Foundation
import LabModel

/// What validation found out, kept in the work folder for the later stages and for resuming.
package struct DeployPlan: Hashable, Sendable, Codable {
    package var pod: Pod
    package var installNetwork: PodNetwork
    package var gateway: IPv4Address
    /// Whom an installed node asks for names: servers that stay when the engine has ended.
    package var nameServers: [IPv4Address]
    /// The jump host's interface on the install network.
    package var interface: String
    /// By their names.
    package var images: [String: ImageFacts]
    /// Those of the mirrors that the policy uses, without a slash at the end.
    package var mirrors: [String]
    package var ntpServer: String
    package var publicKey: String

    /// The port of the engine's own HTTP server.
    package static let port = 5050
    package var server: String { "http://\(gateway):\(Self.port)" }

    /// The MAC that a node boots with.
    package func mac(of node: Node) -> MACAddress? {
        pod.port(of: node, on: installNetwork).flatMap { node.nic(named: $0.nic)?.mac }
    }
    /// Where an installed node is reached.
    package func address(of node: Node) -> IPv4Address? { pod.address(of: node.name, on: installNetwork) }
    /// What a node gets by DHCP until it is installed.
    package func lease(of node: Node) -> IPv4Address? {
        guard let position = pod.nodes.firstIndex(of: node) else { return nil }
        return installNetwork.dhcpRange?[position]
    }
    /// The image that a node is installed with.
    static func image(of node: Node) -> String { (node.image ?? .micro).rawValue }
    private func urls(of image: ImageFacts) -> [String] {
        mirrors.map { "\($0)/images/\(image.name)/current/\(image.file)" }
    }

    package func dnsmasq(folder: String) -> DnsmasqConfiguration? {
        guard let range = installNetwork.dhcpRange else { return nil }
        return DnsmasqConfiguration(
            interface: interface,
            gateway: gateway,
            network: installNetwork.cidr,
            range: range,
            bootURL: "\(server)/boot.ipxe",
            folder: folder,
            hosts: pod.nodes.compactMap { node in
                guard let mac = mac(of: node), let lease = lease(of: node), let address = address(of: node)
                else { return nil }
                return .init(name: node.name, mac: mac, lease: lease, address: address)
            }
        )
    }

    /// What the installer on a node is told.
    package func configuration(of node: Node, ntp: Bool, download: DownloadRules) -> InstallerConfiguration? {
        guard let mac = mac(of: node), let address = address(of: node),
            let image = images[Self.image(of: node)]
        else { return nil }
        return InstallerConfiguration(
            node: node.name,
            ntp: ntp,
            ntpServer: ntpServer,
            image: image,
            urls: urls(of: image),
            download: download,
            address: address,
            prefixLength: installNetwork.cidr.prefixLength,
            gateway: gateway,
            nameServers: nameServers,
            authorizedKey: publicKey,
            reportURL: "\(server)/report/\(mac)"
        )
    }

    package static func read(from path: String) throws -> DeployPlan {
        do {
            return try JSONDecoder().decode(Self.self, from: Data(contentsOf: URL(fileURLWithPath: path)))
        } catch {
            throw DeployError("\(path): cannot read: \(error)", hint: "begin anew in another --work")
        }
    }

    /// Whole or not at all, also when the engine is killed meanwhile.
    package func write(to path: String) throws {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
        try encoder.encode(self).write(to: URL(fileURLWithPath: path), options: .atomic)
        try FileManager.default.setAttributes([.posixPermissions: 0o600], ofItemAtPath: path)
    }
}
