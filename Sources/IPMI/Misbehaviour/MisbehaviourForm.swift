/// What a kind of misbehaviour is called, what it does and what it takes: for scenarios, profiles and the command line.
package struct MisbehaviourForm: Sendable {
    /// One thing that may be said of it, as text.
    package struct Parameter: Sendable, Hashable {
        package var name: String
        package var summary: String
        /// What it is unless somebody says otherwise.
        package var usual: String
    }

    package var name: String
    /// A sentence without its full stop.
    package var summary: String
    package var parameters: [Parameter]
    let make: @Sendable (Arguments) throws(MisbehaviourError) -> Misbehaviour

    private init(
        _ name: String,
        _ summary: String,
        _ parameters: [Parameter] = [],
        _ make: @escaping @Sendable (Arguments) throws(MisbehaviourError) -> Misbehaviour
    ) {
        (self.name, self.summary, self.parameters, self.make) = (name, summary, parameters, make)
    }

    /// The form of that name.
    package static func named(_ name: String) -> MisbehaviourForm? { all.first { $0.name == name } }

    /// Every kind, in the order of what it is about.
    package static let all: [MisbehaviourForm] =
        datagrams + logIns + boots + powers + devices + consoles + redfish

    private static let datagrams = [
        MisbehaviourForm("unreachable", "The BMC answers nothing, as if its cable were out") { _ in
            .unreachable
        },
        MisbehaviourForm(
            "slow",
            "Every answer comes late",
            [Parameter(name: "delay", summary: "how late", usual: "2s")]
        ) { a throws(MisbehaviourError) in .slow(try a.time("delay")) },
        MisbehaviourForm(
            "drop",
            "Some datagrams are lost on their way in",
            [Parameter(name: "every", summary: "1 loses all, 3 every third", usual: "3")]
        ) { a throws(MisbehaviourError) in .drop(every: try a.number("every", in: 1...1_000_000)) },
        MisbehaviourForm("duplicate", "Every answer is sent twice") { _ in .duplicate },
        MisbehaviourForm(
            "hang",
            "After some more commands the BMC answers nothing, until it is healed",
            [Parameter(name: "after", summary: "how many commands it still answers", usual: "10")]
        ) { a throws(MisbehaviourError) in .hang(after: try a.number("after", in: 0...1_000_000)) },
        MisbehaviourForm(
            "cold-reset",
            "The BMC restarts: its sessions are gone, and it answers nothing for a while",
            [Parameter(name: "offline", summary: "how long it takes", usual: "30s")]
        ) { a throws(MisbehaviourError) in .coldReset(offline: try a.time("offline")) },
    ]

    private static let logIns = [
        MisbehaviourForm(
            "wrong-password",
            "Every user's password is another than the pod's files say",
            [Parameter(name: "password", summary: "what it is, at most 20 bytes", usual: "rotated")]
        ) { a throws(MisbehaviourError) in
            .wrongPassword(try a.text("password", atMost: Account.longestPassword))
        },
        MisbehaviourForm("no-sessions", "Nobody can log in: “insufficient resources for session”") { _ in
            .noSessions
        },
        MisbehaviourForm(
            "only-suite",
            "The BMC knows one cipher suite and refuses all others",
            [Parameter(name: "suite", summary: "1, 2, 3, 15, 16 or 17", usual: "17")]
        ) { a throws(MisbehaviourError) in
            let number = UInt8(try a.number("suite", in: 0...255))
            guard let suite = CipherSuite(rawValue: number) else {
                throw a.error("suite", "there is no suite \(number)", "1, 2, 3, 15, 16 or 17")
            }
            return .onlySuite(suite)
        },
        MisbehaviourForm("only-v1.5", "The BMC speaks IPMI v1.5 and does not answer to v2.0") { _ in
            .onlyVersion15
        },
    ]

    private static let boots = [
        MisbehaviourForm("bootdev-ignored", "A boot device is accepted, and nothing comes of it") { _ in
            .bootDeviceIgnored
        },
        MisbehaviourForm(
            "boot-expires",
            "A boot device that was set is forgotten if no boot comes soon",
            [Parameter(name: "after", summary: "how soon", usual: "60s")]
        ) { a throws(MisbehaviourError) in .bootExpires(try a.time("after")) },
        MisbehaviourForm("boot-never-expires", "A boot device that was set waits for ever") { _ in
            .bootNeverExpires
        },
        MisbehaviourForm("boot-sticks", "A boot device that was set for once holds for every boot") { _ in
            .bootSticks
        },
        MisbehaviourForm("boot-once", "A boot device that was set for every boot holds for once") { _ in
            .bootOnce
        },
    ]

    private static let powers = [
        MisbehaviourForm(
            "cycle-slow",
            "A power cycle leaves the machine off for long",
            [Parameter(name: "off", summary: "how long", usual: "15s")]
        ) { a throws(MisbehaviourError) in .cycleSlow(try a.time("off")) },
        MisbehaviourForm(
            "power-stale",
            "The power state that the BMC reports is an old one",
            [Parameter(name: "for", summary: "how long it reports it after a change", usual: "10s")]
        ) { a throws(MisbehaviourError) in .powerStale(try a.time("for")) },
        MisbehaviourForm(
            "power-stuck",
            "The power state that the BMC reports is always the same",
            [Parameter(name: "state", summary: "on or off", usual: "off")]
        ) { a throws(MisbehaviourError) in .powerStuck(isOn: try a.choice("state", ["off", "on"]) == "on") },
        MisbehaviourForm("on-when-on-fails", "Power on is an error for a machine that is on") { _ in
            .onWhenOnFails
        },
        MisbehaviourForm("soft-off-ignored", "Soft power off is accepted, and nothing comes of it") { _ in
            .softOffIgnored
        },
    ]

    private static let devices = [
        MisbehaviourForm(
            "updating",
            "The BMC is updating its firmware: it says so, and does nothing else",
            [
                Parameter(
                    name: "completion",
                    summary: "c0 (busy), d1 (firmware update) or d2 (initialization)",
                    usual: "d1"
                )
            ]
        ) { a throws(MisbehaviourError) in
            let codes: [String: CompletionCode] = [
                "c0": .nodeBusy, "d1": .firmwareUpdate, "d2": .initializing,
            ]
            let name = try a.choice("completion", ["c0", "d1", "d2"])
            return .updating(codes[name] ?? .firmwareUpdate)
        },
        MisbehaviourForm("self-test-failed", "The BMC's self test says that its firmware is broken") { _ in
            .selfTestFailed
        },
        MisbehaviourForm("sensor-alarm", "The air that comes in is reported to be far too hot") { _ in
            .sensorAlarm
        },
        MisbehaviourForm("sel-full", "The event log is full: nothing is added to it") { _ in .eventLogFull },
    ]

    private static let consoles = [
        MisbehaviourForm(
            "sol-drops",
            "A console over LAN is taken away after some packets of output",
            [Parameter(name: "after", summary: "how many packets it still gets", usual: "10")]
        ) { a throws(MisbehaviourError) in .consoleDrops(after: try a.number("after", in: 0...1_000_000)) },
        MisbehaviourForm("sol-second-refused", "Serial over LAN is for one console; a second one is refused")
        {
            _ in .secondConsoleRefused
        },
    ]

    private static let redfish = [
        MisbehaviourForm(
            "redfish-error",
            "Redfish answers every request with an error",
            [Parameter(name: "status", summary: "401, 429, 500 or 503", usual: "503")]
        ) { a throws(MisbehaviourError) in
            let status = try a.choice("status", ["401", "429", "500", "503"])
            return .redfishError(status: Int(status) ?? 503)
        },
        MisbehaviourForm("redfish-unchanged", "Redfish says 204 to every change, and makes none") { _ in
            .redfishUnchanged
        },
        MisbehaviourForm(
            "redfish-slow",
            "Every answer of Redfish comes late",
            [Parameter(name: "delay", summary: "how late", usual: "5s")]
        ) { a throws(MisbehaviourError) in .redfishSlow(try a.time("delay")) },
        MisbehaviourForm(
            "redfish-task-slow",
            "What Redfish does for its caller takes long: the caller gets a task that runs on",
            [Parameter(name: "delay", summary: "how much longer", usual: "30s")]
        ) { a throws(MisbehaviourError) in .redfishTaskSlow(try a.time("delay")) },
        MisbehaviourForm(
            "redfish-malformed",
            "Redfish reports the power state as a number, which the schema does not have"
        ) { _ in .redfishMalformed },
    ]
}
