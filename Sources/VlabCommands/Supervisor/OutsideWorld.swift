import Certificates
import DownloadCache
import Foundation
import Gateway
import Images
import Lab
import LabModel
import Sandbox
import SystemPackage
import Uplink

/// The lab's gateway to the outside: what it serves, and who its clients are.
struct OutsideWorld {
    /// Two mirrors with the same images, so that an engine can change from one that fails to the other.
    static let mirrors = ["mirror-a.vlab.test", "mirror-b.vlab.test"]

    let gateway: Gateway
    /// Asks the helper outside for connections, while there is one.
    let uplink: UplinkClient
    /// The images that the lab began with: a build that happens meanwhile does not change what a deployment downloads.
    private let images: [HeldImage]

    init(
        _ record: LabRecord,
        images folder: String,
        registry: String,
        downloads: String,
        authority: CertificateAuthority,
        uplink socket: String,
        events: @escaping EventSink
    ) throws {
        let pod = record.pod
        images = try HeldImage.all(in: FilePath(folder))
        let origins = Self.origins(folder, images)
        var names: [String: IPv4Address] = [:]
        var owners: [IPv4Address: String] = [:]
        for node in pod.nodes {
            for network in pod.networks {
                guard let address = pod.address(of: node.name, on: network) else { continue }
                owners[address] = node.name
                if network.name == pod.bootstrapNetwork?.name { names[node.name] = address }
            }
        }
        let cards = Dictionary(pod.nodes.flatMap { node in node.nics.map { ($0.mac, node.name) } }) {
            first,
            _ in first
        }
        let known = owners
        let neighbours = Neighbours()
        uplink = UplinkClient(at: socket, events: events)
        var configuration = GatewayConfiguration(
            authority: authority,
            https: record.https.map(HTTPSPolicy.init) ?? HTTPSPolicy(),
            origins: origins,
            nodes: names,
            uplink: uplink
        )
        configuration.downloads = try DownloadCache(
            folder: FilePath(downloads),
            limit: record.cacheSize ?? DownloadCache.defaultLimit
        )
        configuration.registry = Registry(folder: registry)
        configuration.filter = RefusalFilter(
            cards: Dictionary(pod.nodes.map { ($0.name, $0.nics.map(\.mac)) }) { first, _ in first }
        )
        gateway = Gateway(configuration, events: events) { address in
            if let node = neighbours.card(of: address).flatMap({ cards[$0] }) { return node }
            switch address {
            case .v4(let address): return known[address]
            case .v6(let address): return address.card.flatMap { cards[$0] }
            }
        }
    }

    /// Each image by its own folder instead of `current`, which a build moves; the rest as it lies there.
    static func origins(_ folder: String, _ images: [HeldImage]) -> [Origin] {
        let hosts = Set(mirrors)
        return [Origin(hosts: hosts, prefix: "/images/", folder: folder)]
            + images.map {
                Origin(hosts: hosts, prefix: "/images/\($0.name)/current/", folder: $0.folder.string)
            }
    }

    /// Sends outside traffic to the gateway as soon as it listens.
    func redirect() async throws {
        let ports = try await gateway.ports
        try await SandboxNetwork.redirect(tcp: ports.tcp, dns: ports.dns, ntp: ports.ntp)
    }
}

extension RefusalFilter: PacketFilter {}

extension HTTPSPolicy {
    /// What a `lab.yml` or the command line says.
    init(_ settings: LabSettings.HTTPS) {
        switch settings {
        case .open(let hosts): self.init(open: hosts.map { TextPattern(Glob($0)) }, usual: .pass)
        case .pass(let hosts): self.init(pass: hosts.map { TextPattern(Glob($0)) }, usual: .open)
        }
    }
}
