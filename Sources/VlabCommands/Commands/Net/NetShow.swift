import ArgumentParser
import Gateway
import Glibc
import Lab
import LabModel
import YAML

/// `vlab net LAB …`: what comes after the lab says what is to be done.
struct NetShow: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "show",
        abstract: "Show a lab's gateway, follow what it serves, break it or heal it. (default)",
        usage: """
            vlab net LAB [--follow] [--format table|json] [--node NODES] [--host GLOB]
            vlab net LAB break KIND [NAME=VALUE…] [OPTIONS OF BREAK]
            vlab net LAB heal ID…|--all
            vlab net LAB uplink none|cache|record|direct
            """,
        discussion: """
            What is broken by hand is so from the next request on, drops no connection, and ends with the lab.
            Examples:
              vlab net pod1 --format json
              vlab net pod1 --follow --node ctl01 --host "*.vlab.test"
              vlab net pod1 break http.stall at=40% --url "**/disk.img*" --first 2 --per-client
              vlab net pod1 break dns.servfail --host "~(^|\\\\.)debian\\\\.org$" --probability 10% --id flaky-names
              vlab net pod1 heal flaky-names
              vlab net pod1 heal --all
              vlab net pod1 uplink direct
            """
    )
    @OptionGroup var options: LabOptions
    @Argument(
        help: ArgumentHelp(
            "Nothing, “break KIND [NAME=VALUE…]”, “heal ID…” or “uplink MODE”.",
            valueName: "deed"
        )
    )
    var words: [String] = []
    @Flag(name: .shortAndLong, help: "Show each request as it is served; leave with Ctrl-C.") var follow =
        false
    @Option(help: "table or json.") var format: OutputFormat = .table
    @OptionGroup var traffic: TrafficOptions
    @OptionGroup(title: "Options of break") var breakage: BreakOptions
    @Flag(help: "Of heal: everything that was broken by hand.") var all = false

    func validate() throws {
        switch words.first {
        case nil:
            guard !breakage.isGiven, !all else {
                throw ValidationError("Say what is to be done: break KIND, or heal ID.")
            }
            if !follow, traffic.isGiven {
                throw ValidationError("--node and --host choose what --follow shows, or what break befalls.")
            }
        case "break": _ = try breakage.rule(Array(words.dropFirst()), traffic)
        case "heal":
            guard all != (words.count > 1) else {
                throw ValidationError(
                    "Say what: heal ID, or heal --all; vlab net \(options.lab) shows the ids."
                )
            }
        case "uplink":
            guard words.count == 2, UplinkMode(rawValue: words[1]) != nil else {
                throw ValidationError("Say which way out: uplink none, cache, record or direct.")
            }
        case let deed?:
            let hint = Suggestion.hint(for: deed, among: ["break", "heal", "uplink"], "deed")
            throw ValidationError("“\(deed)” is nothing that a gateway can be told: \(hint)")
        }
        if let deed = words.first, deed != "break", breakage.isGiven || traffic.isGiven {
            throw ValidationError("\(deed) takes none of break's options.")
        }
        if all, words.first != "heal" { throw ValidationError("--all goes with heal.") }
        if follow, let deed = words.first {
            throw ValidationError("--follow only looks; leave “\(deed)” away.")
        }
        _ = try traffic.pattern
    }

    func run() async throws {
        let client = try options.client()
        try await check(traffic.nodes, client)
        switch words.first {
        case "break":
            let rule = try await client.install(breakage.rule(Array(words.dropFirst()), traffic))
            try show(rule, as: format) {
                "\(rule.id): \(rule.kind), until: vlab net \(options.lab) heal \(rule.id)"
            }
        case "heal":
            var healed: [String] = []
            for id in all ? [nil] : words.dropFirst().map(Optional.some) {
                healed += try await client.removeRules(id)
            }
            try show(healed, as: format) {
                healed.isEmpty ? "nothing was broken by hand" : "healed: \(healed.joined(separator: ", "))"
            }
        case "uplink": try await setUplink(words[1])
        case _ where follow: try await watch(client)
        default:
            let status = try await client.net()
            try show(status, as: format) { NetTable.text(status) }
        }
    }

    private func show(_ value: some Encodable, as format: OutputFormat, text: () -> String) throws {
        switch format {
        case .table: print(text())
        case .json: try printJSON(value)
        }
    }

    /// Where the helper outside is to go stays as it was said at the lab's start.
    private func setUplink(_ mode: String) async throws {
        let folder = try options.running().folder
        var settings = try LabRecord(contentsOf: folder).uplink ?? UplinkSettings()
        settings.mode = UplinkMode(rawValue: mode) ?? .none
        try await LabUplink(folder: folder, state: StateFolders()).set(settings)
        try show(settings, as: format) { "\(options.lab): uplink \(mode)" }
    }

    /// A name that no node has would never be met.
    private func check(_ nodes: [String], _ client: ControlClient) async throws {
        let names = nodes.filter { IPAddress($0) == nil }
        guard !names.isEmpty else { return }
        let known = try await client.status().nodes.map(\.name)
        for name in names where !known.contains(name) {
            let hint = Suggestion.hint(for: name, among: known, "node")
            throw LabError(options.lab, "there is no node \(name)", hint: hint)
        }
    }

    private func watch(_ client: ControlClient) async throws {
        let (nodes, host) = (Set(traffic.nodes), Match(host: try traffic.pattern).host)
        if format == .table { print(NetLine.header) }
        fflush(nil)
        try await client.events { event in
            let request = NetEvent(event)
            guard let request, request.isOf(nodes), request.isAbout(host) else { return }
            switch format {
            case .table: print(NetLine(request).text)
            case .json: print(String(decoding: event.json, as: UTF8.self))
            }
            // Seen at once, also in a pipe or a file.
            fflush(nil)
        }
    }
}

/// Whose traffic, and with whom.
struct TrafficOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "Nodes, or addresses of those that are none; several with commas between.",
            valueName: "nodes"
        )
    )
    var node: [String] = []
    @Option(
        help: ArgumentHelp("The server's name: a glob, or ~ and a regular expression.", valueName: "glob")
    )
    var host: String?

    var isGiven: Bool { !node.isEmpty || host != nil }

    /// Addresses as events have them.
    var nodes: [String] {
        node.flatMap { $0.split(separator: ",").map { IPAddress(String($0))?.description ?? String($0) } }
    }

    var pattern: TextPattern? { get throws { try TextPattern.option("--host", host) } }
}

extension TextPattern {
    static func option(_ name: String, _ text: String?) throws -> TextPattern? {
        guard let text else { return nil }
        do { return try TextPattern(text) } catch { throw ValidationError("\(name): \(error)") }
    }
}
