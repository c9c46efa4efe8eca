import ArgumentParser

/// The lab's command line.
package struct Vlab: AsyncParsableCommand {
    package static let configuration = CommandConfiguration(
        commandName: "vlab",
        abstract: "Rack a pod in software, run a deployment engine on it, break it, judge the recovery."
    )
    package init() {}
}
