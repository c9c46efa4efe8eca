/// What a `lab.yml` says of the lab as a whole; what it leaves out is nil, and up to who starts the lab.
package struct LabSettings: Hashable, Sendable, Codable {
    /// The engine that installs the pod, unless a scenario names another.
    package enum Engine: Hashable, Sendable, Codable {
        /// `vdeploy`, with this policy.
        case policy(String)
        /// A program and its arguments.
        case command([String])
    }

    /// HTTPS to these hosts is opened with the lab's own authority, as globs; to the rest it is passed through.
    package struct HTTPS: Hashable, Sendable, Codable {
        package var opened: [String]
        package init(opened: [String]) { self.opened = opened }
        package static let pass = HTTPS(opened: [])
        package static let open = HTTPS(opened: ["*"])
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
