/// What `vdeploy deploy` was asked to do, kept in the journal for `vdeploy resume`.
package struct DeployRequest: Hashable, Sendable, Codable {
    package var network: String
    package var dha: String
    /// The name of a built-in policy or the path of a file, as given.
    package var policy: String
    package var mirrors: [String]
    package var ntpServer: String
    package var pace: Double

    package init(
        network: String,
        dha: String,
        policy: String = "default",
        mirrors: [String],
        ntpServer: String = "pool.ntp.org",
        pace: Double = 1
    ) {
        (self.network, self.dha, self.policy) = (network, dha, policy)
        (self.mirrors, self.ntpServer, self.pace) = (mirrors, ntpServer, pace)
    }
}
