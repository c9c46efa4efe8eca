/// What a lab's gateway does with a request for something outside.
package enum UplinkMode: String, Codable, CaseIterable, Sendable {
    /// Nothing leaves the lab.
    case none
    /// Only what was recorded before is served.
    case cache
    /// What was recorded is served; the rest is fetched and recorded.
    case record
    /// Everything is fetched anew.
    case direct

    /// Whether it takes a helper outside the sandbox.
    package var reachesOut: Bool { self == .record || self == .direct }
}

/// A lab's way out, as its user asked for it.
package struct UplinkSettings: Codable, Hashable, Sendable {
    package var mode: UplinkMode
    /// Other addresses for hosts outside, as curl's `--connect-to` has them.
    package var connectTo: [String]

    package init(mode: UplinkMode = .none, connectTo: [String] = []) {
        (self.mode, self.connectTo) = (mode, connectTo)
    }
}
