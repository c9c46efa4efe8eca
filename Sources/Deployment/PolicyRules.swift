/// How nodes are powered and told to boot from the network.
package struct PowerRules: Hashable, Sendable {
    package enum Order: String, Sendable, CaseIterable { case parallel, sequential }
    package enum Failure: String, Sendable, CaseIterable {
        /// The deployment fails, naming every node that did not obey.
        case report
        /// The first node that does not obey ends the stage, and nobody looks at its result.
        case unnoticed
    }

    package var order: Order
    package var steps: [PowerStep]
    /// Tries of each command.
    package var tries: Int
    package var pause: Duration
    /// Before the first command.
    package var delay: Duration
    /// What one run of the tool may take: a limit against hanging, which `--pace` does not shorten.
    package var limit: Duration
    /// From the last command until the power state is read back, when it is.
    package var settle: Duration
    package var verify: Bool
    package var failure: Failure
}

/// How files are fetched, by the engine and by the installer on the nodes.
package struct DownloadRules: Hashable, Sendable {
    /// A task of the engine's that looks whether the image is there and gives up after so many looks.
    package struct Poll: Hashable, Sendable {
        package var task: String
        package var every: Duration
        package var times: Int
    }

    package var tries: Int
    package var pause: Duration
    /// Without a byte for so long, a try has failed; nil waits for ever.
    package var stall: Duration?
    /// What one try may take; nil is no limit.
    package var limit: Duration?
    /// Whether a try goes on where the last one stopped.
    package var resume: Bool
    /// How many of the mirrors given are used, in turn.
    package var mirrors: Int
    package var poll: Poll?
}

/// What the engine expects of a node while its system is installed, and what it does about it.
package struct InstallRules: Hashable, Sendable {
    package enum Failure: String, Sendable, CaseIterable {
        /// Install again, within `recoveries`.
        case reinstall
        /// Do not look at it; the limit of the whole stage ends the wait.
        case unnoticed
    }

    /// For all nodes together.
    package var limit: Duration
    /// From power-on to the first sign of the node; nil waits for ever, as do the next three.
    package var boot: Duration?
    /// Without progress while the installer sets its clock.
    package var clock: Duration?
    /// Without progress in any other of the installer's stages.
    package var stuck: Duration?
    /// From the installer's end until SSH answers.
    package var reboot: Duration?
    /// How often one node may be power-cycled or installed again.
    package var recoveries: Int
    /// Whether the installer asks a time server.
    package var ntp: Bool
    /// Whether an installation that was stuck at its clock is repeated without a time server.
    package var skipStuckClock: Bool
    /// What a failure that the installer reports leads to.
    package var failure: Failure
}

/// How the engine reaches installed nodes.
package struct ShellRules: Hashable, Sendable {
    package var tries: Int
    package var pause: Duration
    /// What one command may take: a limit against hanging, which `--pace` does not shorten.
    package var limit: Duration
}

/// How the nodes' clocks are brought in step.
package struct TimeRules: Hashable, Sendable {
    package var tries: Int
    package var pause: Duration
    /// How long a node waits for the time server; like `ShellRules.limit`, not paced.
    package var limit: Duration
    /// The largest difference to the jump host's clock that passes.
    package var offset: Duration
    /// Whether the jump host sets a node's clock when the time server is silent.
    package var fallback: Bool
}

/// How the finished pod is checked.
package struct VerifyRules: Hashable, Sendable {
    package var tries: Int
    package var pause: Duration
}
