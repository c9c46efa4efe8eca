import Foundation
import LabModel
import YAML

/// Reads a policy file, strictly: every key must be there, no other may, and all problems are reported at once.
package struct PolicyReader {
    private var reader: YAMLReader
    private let root: YAMLNode

    /// The policies that come with the engine, by name.
    package static let builtIn: [String: [UInt8]] = [
        "default": PackageResources.default_yml,
        "compass-gambia": PackageResources.compass_gambia_yml,
    ]

    /// A policy that comes with the engine, or else the file of that path.
    package static func text(of nameOrPath: String) throws -> String {
        if let bytes = builtIn[nameOrPath] { return String(decoding: bytes, as: UTF8.self) }
        guard let data = FileManager.default.contents(atPath: nameOrPath) else {
            let names = builtIn.keys.sorted()
            throw DeployError(
                "no policy “\(nameOrPath)”, neither built in nor as a file",
                kind: .usage,
                hint: nameOrPath.contains("/")
                    ? "check the path" : Suggestion.hint(for: nameOrPath, among: names, "policy")
            )
        }
        return String(decoding: data, as: UTF8.self)
    }

    package static func read(_ text: String, file: String) throws(Diagnostics) -> Policy {
        let document = try YAMLDocument.parse(text, file: file)
        var reader = PolicyReader(reader: YAMLReader(document), root: document.root)
        let policy = reader.policy()
        try reader.reader.finish()
        guard let policy else {
            throw Diagnostics([
                Diagnostic(file: file, line: 1, column: 1, message: "the policy is not complete")
            ])
        }
        return policy
    }

    private mutating func policy() -> Policy? {
        let sections = ["power", "download", "install", "shell", "time", "verify"]
        guard
            let map = reader.mapping(
                root,
                "a policy",
                required: ["name", "summary"] + sections + ["deployment-limit"]
            )
        else { return nil }
        let name = reader.text(map["name"], "name")
        let summary = reader.text(map["summary"], "summary")
        let (power, download) = (power(map["power"]), download(map["download"]))
        let (install, shell) = (install(map["install"]), shell(map["shell"]))
        let (time, verify) = (time(map["time"]), verify(map["verify"]))
        let limit = reader.duration(map["deployment-limit"], "deployment-limit")
        guard let name, let summary, let power, let download, let install, let shell, let time, let verify,
            let limit
        else { return nil }
        return Policy(
            name: name,
            summary: summary,
            power: power,
            download: download,
            install: install,
            shell: shell,
            time: time,
            verify: verify,
            deploymentLimit: limit
        )
    }

    private mutating func power(_ node: YAMLNode?) -> PowerRules? {
        let keys = [
            "order", "steps", "tries", "pause", "delay", "limit", "settle", "verify", "failure",
        ]
        guard let map = reader.mapping(node, "power", required: keys) else { return nil }
        let order = reader.choice(map["order"], "order", PowerRules.Order.self)
        let steps = reader.sequence(map["steps"], "steps")?
            .compactMap { reader.choice($0, "a power step", PowerStep.self) }
        let tries = tries(map), verify = reader.flag(map["verify"], "verify")
        let failure = reader.choice(map["failure"], "failure", PowerRules.Failure.self)
        let pause = duration(map, "pause"), delay = duration(map, "delay")
        let limit = duration(map, "limit"), settle = duration(map, "settle")
        guard let order, let steps, let tries, let verify, let failure, let pause, let delay, let limit,
            let settle
        else { return nil }
        return PowerRules(
            order: order,
            steps: steps,
            tries: tries,
            pause: pause,
            delay: delay,
            limit: limit,
            settle: settle,
            verify: verify,
            failure: failure
        )
    }

    private mutating func download(_ node: YAMLNode?) -> DownloadRules? {
        let keys = ["tries", "pause", "stall", "limit", "resume", "mirrors"]
        guard let map = reader.mapping(node, "download", required: keys, optional: ["poll"]) else {
            return nil
        }
        let tries = tries(map), pause = duration(map, "pause")
        let stall = limit(map, "stall"), limit = limit(map, "limit")
        let resume = reader.flag(map["resume"], "resume")
        let mirrors = reader.integer(map["mirrors"], "mirrors", in: 1...64)
        let poll = poll(map["poll"])
        guard let tries, let pause, let stall, let limit, let resume, let mirrors else { return nil }
        return DownloadRules(
            tries: tries,
            pause: pause,
            stall: stall,
            limit: limit,
            resume: resume,
            mirrors: mirrors,
            poll: poll
        )
    }

    private mutating func poll(_ node: YAMLNode?) -> DownloadRules.Poll? {
        guard let node, let map = reader.mapping(node, "poll", required: ["task", "every", "times"]) else {
            return nil
        }
        let task = reader.text(map["task"], "task"), every = duration(map, "every")
        let times = reader.integer(map["times"], "times", in: 1...100_000)
        guard let task, let every, let times else { return nil }
        return DownloadRules.Poll(task: task, every: every, times: times)
    }

    private mutating func install(_ node: YAMLNode?) -> InstallRules? {
        let keys = [
            "limit", "boot", "clock", "stuck", "reboot", "recoveries", "ntp", "skip-stuck-clock", "failure",
        ]
        guard let map = reader.mapping(node, "install", required: keys) else { return nil }
        let total = duration(map, "limit"), boot = limit(map, "boot"), clock = limit(map, "clock")
        let stuck = limit(map, "stuck"), reboot = limit(map, "reboot")
        let recoveries = reader.integer(map["recoveries"], "recoveries", in: 0...1000)
        let ntp = reader.flag(map["ntp"], "ntp")
        let skip = reader.flag(map["skip-stuck-clock"], "skip-stuck-clock")
        let failure = reader.choice(map["failure"], "failure", InstallRules.Failure.self)
        guard let total, let boot, let clock, let stuck, let reboot, let recoveries, let ntp, let skip,
            let failure
        else { return nil }
        return InstallRules(
            limit: total,
            boot: boot,
            clock: clock,
            stuck: stuck,
            reboot: reboot,
            recoveries: recoveries,
            ntp: ntp,
            skipStuckClock: skip,
            failure: failure
        )
    }

    private mutating func shell(_ node: YAMLNode?) -> ShellRules? {
        guard let map = reader.mapping(node, "shell", required: ["tries", "pause", "limit"]) else {
            return nil
        }
        let tries = tries(map), pause = duration(map, "pause"), limit = duration(map, "limit")
        guard let tries, let pause, let limit else { return nil }
        return ShellRules(tries: tries, pause: pause, limit: limit)
    }

    private mutating func time(_ node: YAMLNode?) -> TimeRules? {
        let keys = ["tries", "pause", "limit", "offset", "fallback"]
        guard let map = reader.mapping(node, "time", required: keys) else { return nil }
        let tries = tries(map), pause = duration(map, "pause"), limit = duration(map, "limit")
        let offset = duration(map, "offset"), fallback = reader.flag(map["fallback"], "fallback")
        guard let tries, let pause, let limit, let offset, let fallback else { return nil }
        return TimeRules(tries: tries, pause: pause, limit: limit, offset: offset, fallback: fallback)
    }

    private mutating func verify(_ node: YAMLNode?) -> VerifyRules? {
        guard let map = reader.mapping(node, "verify", required: ["tries", "pause"]) else { return nil }
        guard let tries = tries(map), let pause = duration(map, "pause") else { return nil }
        return VerifyRules(tries: tries, pause: pause)
    }

    private mutating func tries(_ map: YAMLReader.Mapping) -> Int? {
        reader.integer(map["tries"], "tries", in: 1...1000)
    }

    private mutating func duration(_ map: YAMLReader.Mapping, _ key: String) -> Duration? {
        reader.duration(map[key], key)
    }

    /// A length of time or `never`; the outer nil is an error that was recorded.
    private mutating func limit(_ map: YAMLReader.Mapping, _ key: String) -> Duration?? {
        if map[key]?.text == "never" { return .some(nil) }
        guard let limit = reader.value(map[key], key, example: "10s, 5m or never", { Duration($0) }) else {
            return nil
        }
        return .some(limit)
    }
}
