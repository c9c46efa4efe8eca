/// How often and how long the engine tries, and what it does not do: the contents of a policy file.
package struct Policy: Hashable, Sendable {
    package var name: String
    package var summary: String
    package var power: PowerRules
    package var download: DownloadRules
    package var install: InstallRules
    package var shell: ShellRules
    package var time: TimeRules
    package var verify: VerifyRules
    /// From the end of the installation to the end of the deployment.
    package var deploymentLimit: Duration

    package init(
        name: String,
        summary: String,
        power: PowerRules,
        download: DownloadRules,
        install: InstallRules,
        shell: ShellRules,
        time: TimeRules,
        verify: VerifyRules,
        deploymentLimit: Duration
    ) {
        (self.name, self.summary, self.power, self.download) = (name, summary, power, download)
        (self.install, self.shell, self.time, self.verify) = (install, shell, time, verify)
        self.deploymentLimit = deploymentLimit
    }

    /// The same policy with every wait divided: 60 minutes at pace 20 are 3 minutes.
    package func paced(by pace: Double) -> Policy {
        func quick(_ duration: Duration) -> Duration { duration / pace }
        var policy = self
        policy.power.pause /= pace
        policy.power.delay /= pace
        policy.power.settle /= pace
        policy.download.stall = download.stall.map(quick)
        policy.download.limit = download.limit.map(quick)
        policy.download.pause /= pace
        policy.download.poll = download.poll.map {
            .init(task: $0.task, every: quick($0.every), times: $0.times)
        }
        policy.install.limit /= pace
        policy.install.boot = install.boot.map(quick)
        policy.install.clock = install.clock.map(quick)
        policy.install.stuck = install.stuck.map(quick)
        policy.install.reboot = install.reboot.map(quick)
        policy.shell.pause /= pace
        policy.time.pause /= pace
        policy.verify.pause /= pace
        policy.deploymentLimit /= pace
        return policy
    }
}

extension Duration {
    static func /= (left: inout Duration, right: Double) { left = left / right }
}
