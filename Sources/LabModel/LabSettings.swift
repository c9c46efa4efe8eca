/// What a `lab.yml` says of the lab as a whole; what it leaves out is nil, and up to who starts the lab.
package struct LabSettings: Hashable, Sendable, Codable {
    /// The engine that installs the pod, unless a scenario names another.
    package enum Engine: Hashable, Sendable, Codable {
        /// `vdeploy`, with this policy.
        case policy(String)
        /// A program and its arguments.
        case command([String])

        /// The policies that come with `vdeploy`; any other is a file.
        package static let builtInPolicies = ["compass-gambia", "default"]
    }

    /// What becomes of HTTPS: it is opened with the lab's own authority, or passed through unread.
    package enum HTTPS: Hashable, Sendable, Codable {
        /// To these hosts, as globs, it is opened; to the rest it is passed through.
        case open([String])
        /// To these hosts it is passed through; to the rest it is opened.
        case pass([String])

        package static let passAll = HTTPS.open([])
        package static let openAll = HTTPS.pass([])
    }

    package var engine: Engine?
    /// What the nodes get of the world outside of the lab.
    package var uplink: UplinkMode?
    package var https: HTTPS?

    package init(engine: Engine? = nil, uplink: UplinkMode? = nil, https: HTTPS? = nil) {
        (self.engine, self.uplink, self.https) = (engine, uplink, https)
    }

    package var isEmpty: Bool { engine == nil && uplink == nil && https == nil }
}
