import Foundation
import LabModel
import PodSpec

/// Looks at everything that can be wrong before anything is touched, and fetches what the engine itself serves.
struct ValidateStage {
    static let programs = ["ipmitool", "dnsmasq", "ip", "setpriv", "ssh-keygen"]
    private static let packages = [
        "ipmitool": "ipmitool", "dnsmasq": "dnsmasq-base", "ip": "iproute2", "setpriv": "util-linux",
        "ssh-keygen": "openssh-client",
    ]
    let request: DeployRequest
    let policy: Policy
    let work: String
    let world: World
    let log: DeployLog

    func run() async throws -> DeployPlan {
        let (pod, warnings) = try PodReader.read(request.pod)
        for warning in warnings { log.say("\(warning)", .validate) }
        let (network, gateway) = try Self.installNetwork(of: pod)
        try checkPrograms()
        guard let interface = try await world.jumpHost.interface(holding: gateway) else {
            throw DeployError(
                "no interface here has \(gateway), the gateway of \(network.name)",
                hint:
                    "vdeploy runs on the jump host: ip addr add \(gateway)/\(network.cidr.prefixLength) dev …"
            )
        }
        log.say("\(pod.name): \(pod.nodes.count) nodes, install network on \(interface)", .validate)
        let key = try await world.jumpHost.publicKey(at: "\(work)/id_ed25519")
        let mirrors = request.mirrors.prefix(policy.download.mirrors).map {
            $0.hasSuffix("/") ? String($0.dropLast()) : $0
        }
        return DeployPlan(
            pod: pod,
            installNetwork: network,
            gateway: gateway,
            nameServers: nameServers(or: gateway),
            interface: interface,
            images: try await fetchImages(mirrors, for: pod),
            mirrors: mirrors,
            ntpServer: request.ntpServer,
            publicKey: key
        )
    }

    /// The gateway serves names only while the engine does.
    private func nameServers(or gateway: IPv4Address) -> [IPv4Address] {
        let servers = world.jumpHost.nameServers()
        guard servers.isEmpty else { return servers }
        log.say(
            "this host's /etc/resolv.conf has no name server that nodes could ask; they ask \(gateway)",
            .validate
        )
        return [gateway]
    }

    private func checkPrograms() throws {
        let missing = world.jumpHost.missing(Self.programs)
        guard missing.isEmpty else {
            let packages = Set(missing.map { Self.packages[$0] ?? $0 }).sorted().joined(separator: " ")
            throw DeployError(
                "not installed here: \(missing.joined(separator: ", "))",
                hint: "apt-get install \(packages)"
            )
        }
    }

    private func fetchImages(
        _ mirrors: [String],
        for pod: Pod
    ) async throws -> [String: ImageFacts] {
        let cache = ImageCache(
            folder: "\(work)/images",
            mirrors: mirrors,
            rules: policy.download,
            world: world,
            log: log
        )
        let installer = try await cache.manifest("installer", as: InstallerManifest.self)
        for name in ["vmlinuz", "initrd.img"] {
            guard let file = installer.files[name] else {
                throw DeployError("the installer's manifest has no \(name)", hint: "build the image anew")
            }
            try await cache.file("installer", name, sha256: file.sha256)
        }
        var images: [String: ImageFacts] = [:]
        for name in Set(pod.nodes.map(DeployPlan.image)).sorted() {
            images[name] = try await cache.manifest(name, as: ImageFacts.self)
        }
        return images
    }

    /// What the files may lack though they are right: the engine needs more than a lab does.
    static func installNetwork(of pod: Pod) throws -> (PodNetwork, IPv4Address) {
        guard var network = pod.bootstrapNetwork, let gateway = pod.jumpHost(on: network) else {
            throw DeployError(
                "no network has dhcp_ranges, and none is untagged and has a gateway: there is none to install from",
                kind: .badInput
            )
        }
        guard let range = network.dhcpRange ?? leases(on: network, of: pod) else {
            throw DeployError("\(network.name) has no free addresses to boot with", kind: .badInput)
        }
        network.dhcpRange = range
        guard range.count >= pod.nodes.count else {
            throw DeployError(
                "\(network.name): \(range) has \(range.count) addresses for \(pod.nodes.count) nodes",
                kind: .badInput,
                hint: "widen dhcp_ranges"
            )
        }
        for node in pod.nodes {
            guard pod.port(of: node, on: network) != nil else {
                throw DeployError("\(node.name) has no \(network.interface) to install from", kind: .badInput)
            }
            guard node.bmc != nil else {
                throw DeployError("\(node.name) has no BMC", kind: .badInput, hint: "add ipmiIp")
            }
        }
        return (network, gateway)
    }

    /// Where the files name no addresses to boot with: some that nobody has, beside the nodes' range if there are enough.
    private static func leases(on network: PodNetwork, of pod: Pod) -> IPv4Range? {
        let free = FreeAddresses(in: pod)
        // The jump host may have the very first one.
        let beside = free.run(of: pod.nodes.count, in: network, from: 2)
        if let beside, beside.count >= pod.nodes.count { return beside }
        var used = network
        used.range = IPv4Range(first: network.range.first, last: network.range.first) ?? network.range
        return free.run(of: pod.nodes.count, in: used, from: 2)
    }
}
