import ArgumentParser

struct BMCCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "bmc",
        abstract: "A lab's BMCs: what they do, and how they misbehave; or BMCs without a lab.",
        discussion: """
            Examples:
              vlab bmc pod1                                 all of the lab
              vlab bmc pod1 ctl01                           one, in detail
              vlab bmc pod1 all --follow                    requests, as they come
              vlab bmc pod1 ctl01 misbehave slow delay=3s   from now on
              vlab bmc pod1 ctl01,cmp01 behave              and no more
              vlab bmc kinds                                ways to misbehave
              vlab bmc profiles                             makes, for lab.yml
              vlab bmc serve --test-driver 3                without a lab
            """,
        subcommands: [BMCShow.self, BMCKinds.self, BMCProfiles.self, BMCServe.self],
        defaultSubcommand: BMCShow.self
    )
}
