import ArgumentParser

struct NetCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "net",
        abstract: "The outside world of a lab: what nodes download, and what is broken there.",
        discussion: """
            Examples:
              vlab net pod1                                    rules and connections
              vlab net pod1 --follow                           each request as it is served
              vlab net pod1 break http.stall at=40% --first 2  from the next request on
              vlab net pod1 heal hand.1                        and no more
              vlab net pod1 uplink direct                      another way out
              vlab net kinds                                   what can be broken
              vlab net kinds http.stall                        one kind, with an example
            """,
        subcommands: [NetShow.self, NetKinds.self],
        defaultSubcommand: NetShow.self
    )
}
