import PodSpec

/// What `vdeploy deploy` was asked to do, kept in the journal for `vdeploy resume`.
package struct DeployRequest: Hashable, Sendable, Codable {
    package var pod: PodFiles
    /// The name of a built-in policy or the path of a file, as given.
    package var policy: String
    package var mirrors: [String]
    package var ntpServer: String
    package var pace: Double

    package init(
        pod: PodFiles,
        policy: String = "default",
        mirrors: [String],
        ntpServer: String = "pool.ntp.org",
        pace: Double = 1
    ) {
        (self.pod, self.policy) = (pod, policy)
        (self.mirrors, self.ntpServer, self.pace) = (mirrors, ntpServer, pace)
    }
}
