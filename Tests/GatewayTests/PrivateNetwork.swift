import Foundation
import LabModel
import Sandbox
import Testing

@testable import Gateway

/// The lab's network around a gateway, in the namespace of the test: the engine's side, and one node on a cable.
struct PrivateNetwork: Sendable {
    /// Names its members; gone with the namespace.
    private let node: String
    /// The node's.
    static let card = MACAddress("02:00:00:00:00:50")

    /// Whether this process is the one that has a network of its own.
    static let isHere = ProcessInfo.processInfo.environment["VLAB_GATEWAY_NETWORK"] == "private"

    /// Runs a suite in the test program itself, once more, in a network where addresses and packet filter are ours.
    static func run(_ suite: String, expecting count: String, within seconds: Int) async throws {
        let program = try FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")
        let asRoot = getuid() == 0 ? "" : "--map-root-user"
        let inner = try await shell(
            """
            exec timeout --signal KILL \(seconds) \
                unshare \(asRoot) --net --mount --pid --fork --kill-child --mount-proc \
                sh -c 'ip link set lo up && "$@"' sh \
                '\(program)' --testing-library swift-testing --filter 'GatewayTests.\(suite)'
            """,
            environment: ["VLAB_GATEWAY_NETWORK": "private"]
        )
        #expect(inner.status == 0, "\(inner.text)\(inner.errors)")
        #expect((inner.text + inner.errors).contains("Test run with \(count) passed"))
    }

    init(_ lab: RunningGateway) async throws {
        try lab.folder.write("resolv.conf", "nameserver 198.18.0.53\noptions timeout:2 attempts:2\n")
        let clean = try await shell(
            """
            for link in eth0 outside; do ip link show $link >/dev/null 2>&1 && ip link delete $link; done
            nft flush ruleset
            """
        )
        guard clean.status == 0 else { throw NetworkError(description: clean.errors) }
        try await SandboxNetwork.makeWay()
        try await SandboxNetwork.redirect(tcp: lab.ports.tcp, dns: lab.ports.dns, ntp: lab.ports.ntp)
        let setUp = try await shell(
            """
            set -e
            unshare --net sleep 600 >/dev/null & NODE=$!
            ip link add eth0 type veth peer name peer address 02:00:00:00:00:50
            # Two networks on one wire: the address that a redirection chooses is not the only one.
            ip address add 10.20.0.1/24 dev eth0
            ip address add 192.168.20.1/24 dev eth0
            ip address add 2001:2:0:1::1/64 dev eth0 nodad
            ip link set eth0 up
            i=0
            while [ "$(readlink /proc/$NODE/ns/net)" = "$(readlink /proc/self/ns/net)" ]; do
                i=$((i+1)); [ $i -lt 200 ]; sleep 0.1
            done
            ip link set peer netns $NODE
            nsenter -t $NODE -n sh -ec 'ip link set lo up; ip link set peer up
                ip address add 10.20.0.50/24 dev peer; ip route add default via 10.20.0.1'
            umount "$(readlink -f /etc/resolv.conf)" 2>/dev/null || true
            mount --bind '\(lab.folder.path)/resolv.conf' "$(readlink -f /etc/resolv.conf)"
            echo $NODE
            """
        )
        node = setUp.text.trimmingCharacters(in: .whitespacesAndNewlines)
        guard setUp.status == 0 else { throw NetworkError(description: setUp.errors) }
    }

    func onEngine(_ command: String) async throws -> Finished { try await shell(command) }

    func onNode(_ command: String) async throws -> Finished {
        try await shell("exec nsenter -t \(node) -n sh -c \"$COMMAND\"", environment: ["COMMAND": command])
    }
}

struct NetworkError: Error, CustomStringConvertible { let description: String }
