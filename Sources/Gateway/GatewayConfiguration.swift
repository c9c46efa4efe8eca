import Certificates
import DownloadCache
import LabModel
import NIOSSL
import Uplink

/// What the outside world looks like: its web servers, the lab's own names, and how long it is patient.
package struct GatewayConfiguration: Sendable {
    package var origins: [Origin]
    /// The lab's own machines, for DNS, in any case of letters.
    package var nodes: [String: IPv4Address]
    package var ports: GatewayPorts
    package var limits: Limits
    /// Vouches for the servers outside whose TLS is opened.
    package var authority: CertificateAuthority
    package var https: HTTPSPolicy
    /// Who makes connections to the outside; nil where nobody does.
    package var uplink: UplinkClient?
    /// Whom the gateway itself trusts outside.
    package var trust = NIOSSLTrustRoots.default
    /// What was downloaded before; nil where nothing is recorded.
    package var downloads: DownloadCache?
    /// Refuses connections on their first packet; nil where nobody can.
    package var filter: (any PacketFilter)?
    /// Images that nodes can pull.
    package var registry: Registry?

    package init(
        authority: CertificateAuthority,
        https: HTTPSPolicy = HTTPSPolicy(),
        origins: [Origin] = [],
        nodes: [String: IPv4Address] = [:],
        ports: GatewayPorts = GatewayPorts(tcp: 0, dns: 0, ntp: 0),
        limits: Limits = Limits(),
        uplink: UplinkClient? = nil
    ) {
        (self.authority, self.https, self.uplink) = (authority, https, uplink)
        (self.origins, self.nodes, self.ports, self.limits) = (origins, nodes, ports, limits)
    }

    /// How long a client may take, and how much it may send, before it is shown the door.
    package struct Limits: Sendable {
        /// From the first byte of a request, or from the connection, to the end of the request.
        package var request: Duration
        /// Between two requests on one connection.
        package var idle: Duration
        /// For what the client still sends after its request was refused.
        package var linger: Duration
        /// For a server outside, between two pieces of what is recorded.
        package var silence = Duration.seconds(60)
        /// Of all fields, and of any one of them: as squid takes, for whoever stands in the way must not refuse what some
        /// server would take (cookies of several 8 KiB, Kerberos tickets of up to 48,000 bytes, in base64).
        package var headerBytes = 64 << 10
        package var headerFields = 100
        /// Of a URL: what Apache, nginx and squid take.
        package var targetBytes = 8 << 10
        package var requestBodyBytes = 64 << 10

        package init(
            request: Duration = .seconds(15),
            idle: Duration = .seconds(75),
            linger: Duration = .seconds(1)
        ) {
            (self.request, self.idle, self.linger) = (request, idle, linger)
        }
    }
}

/// Where a gateway listens, on every address of the sandbox; 0 means any free port.
package struct GatewayPorts: Hashable, Sendable {
    package var tcp: Int
    /// UDP and TCP alike.
    package var dns: Int
    package var ntp: Int

    package init(tcp: Int, dns: Int, ntp: Int) { (self.tcp, self.dns, self.ntp) = (tcp, dns, ntp) }
}
