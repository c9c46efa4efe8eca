import LabModel
import NIOSSL
import Synchronization
import Uplink

/// What the gateway may do to get at what is outside the lab, and who does it.
final class WayOut: Sendable {
    /// Makes connections; nil where there is no helper to ask.
    let uplink: UplinkClient?
    let upstream: Upstream?
    private let current = Mutex(UplinkMode.none)

    init(_ uplink: UplinkClient?, trust: NIOSSLTrustRoots) {
        self.uplink = uplink
        upstream = uplink.map { Upstream($0, trust: trust) }
    }

    /// Without somebody to ask nothing leaves the lab.
    var mode: UplinkMode {
        get { uplink == nil ? .none : current.withLock { $0 } }
        set { current.withLock { $0 = newValue } }
    }

    /// Where to ask for connections; nil when none may be made.
    var dialler: UplinkClient? { mode.reachesOut ? uplink : nil }
}
