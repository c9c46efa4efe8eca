import ArgumentParser

/// The engine's command line.
package struct Vdeploy: AsyncParsableCommand {
    package static let configuration = CommandConfiguration(
        commandName: "vdeploy",
        abstract: "Deploy a pod of bare-metal nodes.",
        discussion: """
            Runs on the pod's jump host as root. Powers the nodes over IPMI, installs them over the network, gives them \
            names, addresses, clocks and services, and ends only when every node was seen to work.

            Examples:
              vdeploy deploy ./pods/pod1 --policy default \\
                --work /var/tmp/pod1 --mirror http://mirror-a.vlab.test --mirror http://mirror-b.vlab.test
              vdeploy resume --work /var/tmp/pod1
              vdeploy status --work /var/tmp/pod1

            Exit status: 0 deployed, 1 not deployed, 64 wrong usage, 65 wrong files.
            """,
        subcommands: [Deploy.self, Resume.self, Status.self, Policies.self]
    )
    package init() {}
}
