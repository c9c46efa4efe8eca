import ArgumentParser
import Gateway
import Scenario
import YAML

/// What is to be broken for whom, and how often.
struct BreakOptions: ParsableArguments {
    @Option(help: ArgumentHelp("The URL's path: a glob, or ~ and a regular expression.", valueName: "glob"))
    var url: String?
    @Option(help: "The server's port.") var port: Int?
    @Option(help: ArgumentHelp("GET, POST, …; several with commas between.", valueName: "methods"))
    var method: [String] = []
    @Option(help: "Only the first so many.") var first: Int?
    @Option(help: "Only this one, counted from 1.") var nth: Int?
    @Option(help: "Every so many: 3 is the third, the sixth, ….") var every: Int?
    @Option(help: "So many of a hundred, by chance, as in 10%.") var probability: String?
    @Flag(help: "Count for each client, not for all together.") var perClient = false
    @Option(help: "What the rule is called; hand.1, hand.2, … otherwise.") var id: String?

    var isGiven: Bool {
        [url, probability, id].contains { $0 != nil } || [port, first, nth, every].contains { $0 != nil }
            || !method.isEmpty || perClient
    }

    /// Read here already, so that what is wrong is said before anything is asked.
    func rule(_ words: [String], _ traffic: TrafficOptions) throws -> Rule {
        guard let kind = words.first else {
            throw ValidationError("Say what: break KIND; vlab net kinds lists them.")
        }
        let rule = Rule(
            id: try identifier,
            kind,
            try arguments(Array(words.dropFirst())),
            match: try match(traffic),
            occurrence: try occurrence
        )
        do {
            _ = try FaultCatalogue.fault(kind, rule.arguments)
        } catch .noSuchKind {
            let hint = Suggestion.hint(for: kind, among: FaultCatalogue.forms.map(\.name), "kind")
            throw ValidationError("There is no fault “\(kind)”: \(hint) vlab net kinds explains them all.")
        } catch {
            throw ValidationError("\(error). vlab net kinds \(kind) explains it.")
        }
        try check(rule.match, for: kind)
        return rule
    }

    private var identifier: String {
        get throws {
            let id = id ?? ""
            guard id.allSatisfy({ $0.isASCII && ($0.isLetter || $0.isNumber || "-.".contains($0)) }) else {
                throw ValidationError("--id “\(id)” has more than letters, digits, hyphens and dots.")
            }
            return id
        }
    }

    private func arguments(_ words: [String]) throws -> [String: String] {
        var arguments: [String: String] = [:]
        for word in words {
            let parts = word.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            guard parts.count == 2 else {
                throw ValidationError("“\(word)” is not written as NAME=VALUE, as in at=40%.")
            }
            guard arguments.updateValue(String(parts[1]), forKey: String(parts[0])) == nil else {
                throw ValidationError("“\(parts[0])” is said twice.")
            }
        }
        return arguments
    }

    private func match(_ traffic: TrafficOptions) throws -> Match {
        if let url, !["/", "**", "~"].contains(where: url.hasPrefix) {
            throw ValidationError("--url “\(url)” matches nothing: a path starts with /; write **/\(url)")
        }
        if let port, !(1...65_535).contains(port) {
            throw ValidationError("--port must be 1 to 65535, not \(port).")
        }
        let methods = method.flatMap { $0.split(separator: ",").map { $0.uppercased() } }
        return Match(
            host: try traffic.pattern,
            port: port,
            path: try TextPattern.option("--url", url),
            methods: methods.isEmpty ? nil : Set(methods),
            clients: traffic.nodes.isEmpty ? nil : Set(traffic.nodes)
        )
    }

    private var occurrence: Occurrence {
        get throws {
            let counts = [("--first", first), ("--nth", nth), ("--every", every)]
            let given = counts.filter { $0.1 != nil }.map(\.0) + (probability == nil ? [] : ["--probability"])
            guard given.count <= 1 else {
                throw ValidationError("\(given.joined(separator: " and ")) exclude each other.")
            }
            for case (let name, let count?) in counts where count < 1 {
                throw ValidationError("\(name) must be at least 1, not \(count).")
            }
            if perClient, given.isEmpty || probability != nil {
                throw ValidationError("--per-client says how --first, --nth or --every counts.")
            }
            if let first { return .first(first, perClient: perClient) }
            if let nth { return .nth(nth, perClient: perClient) }
            if let every { return .every(every, perClient: perClient) }
            guard let probability else { return .always }
            guard let part = Occurrence.part(probability) else {
                throw ValidationError(
                    "--probability “\(probability)” is not from above 0 to 100 %, as in 10%."
                )
            }
            return .probability(part, seed: .random(in: 0 ... .max))
        }
    }

    /// What a kind cannot know of its traffic would keep it from ever biting.
    private func check(_ match: Match, for kind: String) throws {
        let known = TrafficFamily(kind: kind)?.fields.map(\.name) ?? []
        let given = [
            ("host", match.host != nil), ("url", match.path != nil), ("port", match.port != nil),
            ("method", match.methods != nil),
        ]
        for (name, isGiven) in given where isGiven && !known.contains(name) {
            let hint =
                known.isEmpty
                ? "only by --node" : "by " + (known + ["node"]).map { "--\($0)" }.joined(separator: ", ")
            throw ValidationError("\(kind) cannot be chosen by --\(name), \(hint).")
        }
    }
}
