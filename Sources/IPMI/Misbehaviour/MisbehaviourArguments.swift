extension Misbehaviour {
    /// Reads one as people write it: `slow`, `delay: 2s`.
    package init(_ kind: String, _ arguments: [String: String] = [:]) throws(MisbehaviourError) {
        guard let form = MisbehaviourForm.named(kind) else { throw .noSuchKind(kind) }
        let known = form.parameters.map(\.name)
        if let strange = arguments.keys.sorted().first(where: { !known.contains($0) }) {
            throw .noSuchArgument(kind: kind, strange, known: known)
        }
        self = try form.make(MisbehaviourForm.Arguments(form: form, given: arguments))
    }

    /// Its kind's name, and what it was told: `slow`, `delay: 2s`.
    package var text: (kind: String, arguments: [(name: String, value: String)]) {
        switch self {
        case .unreachable: ("unreachable", [])
        case .slow(let delay): ("slow", [("delay", Self.text(delay))])
        case .drop(let every): ("drop", [("every", "\(every)")])
        case .duplicate: ("duplicate", [])
        case .hang(let after): ("hang", [("after", "\(after)")])
        case .coldReset(let offline): ("cold-reset", [("offline", Self.text(offline))])
        case .wrongPassword(let password): ("wrong-password", [("password", password)])
        case .noSessions: ("no-sessions", [])
        case .onlySuite(let suite): ("only-suite", [("suite", "\(suite.rawValue)")])
        case .onlyVersion15: ("only-v1.5", [])
        case .bootDeviceIgnored: ("bootdev-ignored", [])
        case .bootExpires(let after): ("boot-expires", [("after", Self.text(after))])
        case .bootNeverExpires: ("boot-never-expires", [])
        case .bootSticks: ("boot-sticks", [])
        case .bootOnce: ("boot-once", [])
        case .cycleSlow(let off): ("cycle-slow", [("off", Self.text(off))])
        case .powerStale(let time): ("power-stale", [("for", Self.text(time))])
        case .powerStuck(let isOn): ("power-stuck", [("state", isOn ? "on" : "off")])
        case .onWhenOnFails: ("on-when-on-fails", [])
        case .softOffIgnored: ("soft-off-ignored", [])
        case .updating(let code): ("updating", [("completion", "\(code)".replacing("0x", with: ""))])
        case .selfTestFailed: ("self-test-failed", [])
        case .sensorAlarm: ("sensor-alarm", [])
        case .eventLogFull: ("sel-full", [])
        case .consoleDrops(let after): ("sol-drops", [("after", "\(after)")])
        case .secondConsoleRefused: ("sol-second-refused", [])
        case .redfishError(let status): ("redfish-error", [("status", "\(status)")])
        case .redfishUnchanged: ("redfish-unchanged", [])
        case .redfishSlow(let delay): ("redfish-slow", [("delay", Self.text(delay))])
        case .redfishTaskSlow(let delay): ("redfish-task-slow", [("delay", Self.text(delay))])
        case .redfishMalformed: ("redfish-malformed", [])
        }
    }

    package var kind: String { text.kind }

    private static func text(_ time: Duration) -> String {
        let milliseconds = time / .milliseconds(1)
        return milliseconds.truncatingRemainder(dividingBy: 1000) == 0
            ? "\(Int(milliseconds / 1000))s" : "\(Int(milliseconds))ms"
    }
}

extension MisbehaviourForm {
    /// What was said of one misbehaviour; what was not said is as usual.
    struct Arguments {
        let form: MisbehaviourForm
        let given: [String: String]

        func word(_ name: String) -> String {
            given[name] ?? form.parameters.first { $0.name == name }?.usual ?? ""
        }

        func error(_ name: String, _ problem: String, _ example: String) -> MisbehaviourError {
            .badArgument(kind: form.name, name, problem: problem, example: example)
        }

        func time(_ name: String) throws(MisbehaviourError) -> Duration {
            let text = word(name)
            let digits = text.prefix { $0.isASCII && ($0.isNumber || $0 == ".") }
            let units: [Substring: Double] = ["ms": 1, "s": 1000, "m": 60_000]
            guard let number = Double(digits), let unit = units[text.dropFirst(digits.count)],
                number * unit <= 3_600_000
            else { throw error(name, "“\(text)” is no time of at most an hour", "250ms, 3s or 2m") }
            return .milliseconds(Int64((number * unit).rounded()))
        }

        func number(_ name: String, in range: ClosedRange<Int>) throws(MisbehaviourError) -> Int {
            guard let number = Int(word(name)), range.contains(number) else {
                throw error(
                    name,
                    "“\(word(name))” is no number from \(range.lowerBound) to \(range.upperBound)",
                    form.parameters.first { $0.name == name }?.usual ?? ""
                )
            }
            return number
        }

        func choice(_ name: String, _ words: [String]) throws(MisbehaviourError) -> String {
            guard words.contains(word(name)) else {
                throw error(name, "“\(word(name))” is none of its words", words.joined(separator: ", "))
            }
            return word(name)
        }

        func text(_ name: String, atMost bytes: Int) throws(MisbehaviourError) -> String {
            guard (1...bytes).contains(word(name).utf8.count) else {
                throw error(name, "it has 1 to \(bytes) bytes", "rotated")
            }
            return word(name)
        }
    }
}

/// Why a description of a misbehaviour is none.
package enum MisbehaviourError: Error, Hashable, Sendable, CustomStringConvertible {
    case noSuchKind(String)
    case noSuchArgument(kind: String, String, known: [String])
    case badArgument(kind: String, String, problem: String, example: String)

    package var description: String {
        switch self {
        case .noSuchKind(let kind): "there is no misbehaviour “\(kind)”"
        case .noSuchArgument(let kind, let name, let known):
            "\(kind) takes no “\(name)”: it takes "
                + (known.isEmpty ? "nothing" : known.joined(separator: ", "))
        case .badArgument(let kind, let name, let problem, let example):
            "\(kind): \(name): \(problem), as in \(example)"
        }
    }
}
