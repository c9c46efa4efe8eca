import ArgumentParser

/// The lab's command line.
package struct Vlab: AsyncParsableCommand {
    package static let configuration = CommandConfiguration(
        commandName: "vlab",
        abstract: "Rack a pod in software, run a deployment engine on it, break it, judge the recovery.",
        discussion: "Example: vlab up pod1 && vlab status pod1",
        subcommands: [
            Up.self, Down.self, Status.self, List.self, Power.self, ConsoleCommand.self, SSH.self, Exec.self,
            Virsh.self,
            Logs.self, Run.self, Lint.self, Explain.self, BMCCommand.self, NetCommand.self, PodCommand.self,
            Capture.self,
            ImageCommand.self, CacheCommand.self, Authority.self,
            Doctor.self,
            Supervise.self, ServeUplink.self,
        ]
    )
    package init() {}
}
