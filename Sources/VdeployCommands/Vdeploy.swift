import ArgumentParser

/// The engine's command line.
package struct Vdeploy: AsyncParsableCommand {
    package static let configuration = CommandConfiguration(
        commandName: "vdeploy",
        abstract: "Deploy a pod of bare-metal nodes."
    )
    package init() {}
}
