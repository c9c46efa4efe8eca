import ArgumentParser

struct BMCCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "bmc",
        abstract: "A lab's BMCs: what they do, and how they misbehave; or BMCs without a lab.",
        discussion: """
            Examples:
              vlab bmc pod1                                 all of the lab
              vlab bmc pod1 ctl01                           one of them: sessions, boot device, misbehaviours
              vlab bmc pod1 all --follow                    each request and its answer, as they come
              vlab bmc pod1 ctl01 misbehave slow delay=3s   from now on
              vlab bmc pod1 ctl01,cmp01 behave              and no more
              vlab bmc kinds                                how a BMC can misbehave
              vlab bmc serve --test-driver 3                three BMCs on 127.0.0.1
            """,
        subcommands: [BMCShow.self, BMCKinds.self, BMCServe.self],
        defaultSubcommand: BMCShow.self
    )
}
