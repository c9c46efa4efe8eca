import LabModel

/// What nodes find on the install network while they are deployed.
package struct BootSite: Sendable {
    package var plan: DeployPlan
    package var desk: InstallDesk
    /// The work folder.
    package var folder: String
    package var bundles: [RoleBundle]
    package var log: DeployLog
}

/// What a deployment needs so that nodes can boot over the network.
package protocol BootServices: Sendable {
    /// Runs `body` while DHCP, DNS and HTTP are served, and ends them before it returns, however `body` ends.
    func whileServing(_ site: BootSite, _ body: @escaping @Sendable () async throws -> Void) async throws
}
