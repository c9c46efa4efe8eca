import Foundation
import IPMI
import NIOCore
import VirtualBMC

// The clocks that it goes by.
extension RedfishService {
    /// The time that sessions go by.
    var now: Duration { .nanoseconds(Int64(NIODeadline.now().uptimeNanoseconds)) }

    /// The time that people go by, as Redfish writes it.
    var time: String { Date().formatted(.iso8601) }

    /// The time of the BMC's own clock, which its event log goes by.
    var clock: String {
        let seconds = bmc.change { bmc, now, _ in (bmc.time(at: now), []) }
        return Date(timeIntervalSince1970: Double(seconds)).formatted(.iso8601)
    }

    /// Whether the BMC restarts just now, and so answers nobody.
    package var isOffline: Bool {
        let now = now
        return bmc.inspect { $0.isOffline(at: now) }
    }
}
