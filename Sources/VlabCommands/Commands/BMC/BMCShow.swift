import ArgumentParser
import Foundation
import Glibc
import IPMI
import Lab
import LabModel
import VirtualBMC
import YAML

/// `vlab bmc LAB …`: what comes after the lab says which BMCs, and what is to be done.
struct BMCShow: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "show",
        abstract: "Show a lab's BMCs, follow what they are asked, or have them misbehave. (default)",
        discussion: """
            NODES is a node, several with commas between, or all.
            Examples:
              vlab bmc pod1 --format json
              vlab bmc pod1 ctl01
              vlab bmc pod1 all --follow
              vlab bmc pod1 ctl01,ctl02 misbehave slow delay=3s
              vlab bmc pod1 all behave slow
            """
    )
    @OptionGroup var options: LabOptions
    @Argument(
        help: ArgumentHelp("Which BMCs: a node, several with commas between, or all.", valueName: "nodes")
    )
    var chosen: String?
    @Argument(
        help: ArgumentHelp(
            "Nothing, “misbehave KIND [NAME=VALUE…]” or “behave [KIND…]”.",
            valueName: "deed"
        )
    )
    var words: [String] = []
    @Flag(name: .shortAndLong, help: "Show each request and its answer as they come; leave with Ctrl-C.")
    var follow = false
    @Option(help: "table or json.") var format: OutputFormat = .table

    func validate() throws {
        guard let deed = words.first else { return }
        switch deed {
        case "misbehave":
            guard words.count > 1 else {
                throw ValidationError("Say how: misbehave KIND; vlab bmc kinds lists them.")
            }
            _ = try order()
        case "behave": for kind in words.dropFirst() { try Self.known(kind) }
        default:
            let hint = Suggestion.hint(for: deed, among: ["misbehave", "behave"], "deed")
            throw ValidationError("“\(deed)” is nothing that a BMC can be told: \(hint)")
        }
        if follow { throw ValidationError("--follow only looks; leave “\(deed)” away.") }
    }

    func run() async throws {
        let client = try options.client()
        let all = try await client.bmcs()
        let bmcs = try choose(among: all)
        switch words.first {
        case "misbehave":
            for bmc in bmcs { try await client.misbehave(try order(), node: bmc.node) }
            print(
                "\(names(bmcs)): \(words[1]), until: vlab bmc \(options.lab) \(chosen ?? "all") behave \(words[1])"
            )
        case "behave": for bmc in bmcs { try await behave(bmc, client) }
        case _ where follow: try await watch(bmcs.map(\.node), client)
        case _ where chosen == nil: try show(bmcs, as: format) { BMCTable.list(bmcs) }
        default:
            switch format {
            case .json: try show(bmcs, as: format) { BMCTable.list(bmcs) }
            case .table: print(bmcs.map(BMCTable.details).joined(separator: "\n\n"))
            }
        }
    }

    private func names(_ bmcs: [BMCStatus]) -> String { bmcs.map(\.node).joined(separator: ", ") }

    private func choose(among all: [BMCStatus]) throws -> [BMCStatus] {
        guard let chosen, chosen != "all" else { return all }
        return try chosen.split(separator: ",").map { name in
            guard let found = all.first(where: { $0.node == name }) else {
                let known = all.map(\.node)
                throw LabError(
                    options.lab,
                    "there is no node \(name) with a BMC",
                    hint: Suggestion.hint(for: String(name), among: known, "node")
                )
            }
            return found
        }
    }

    /// `misbehave slow delay=2s`, read here already, so that what is wrong is said before anything is asked.
    private func order() throws -> MisbehaviourOrder {
        let kind = words[1]
        try Self.known(kind)
        var arguments: [String: String] = [:]
        for word in words.dropFirst(2) {
            let parts = word.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            guard parts.count == 2 else {
                throw ValidationError("“\(word)” is not written as NAME=VALUE, as in delay=2s.")
            }
            arguments[String(parts[0])] = String(parts[1])
        }
        do {
            _ = try Misbehaviour(kind, arguments)
        } catch {
            throw ValidationError("\(error). vlab bmc kinds lists them all.")
        }
        return MisbehaviourOrder(kind: kind, arguments: arguments)
    }

    private static func known(_ kind: String) throws {
        guard MisbehaviourForm.named(kind) == nil else { return }
        let hint = Suggestion.hint(for: kind, among: MisbehaviourForm.all.map(\.name), "kind")
        throw ValidationError("There is no misbehaviour “\(kind)”: \(hint) vlab bmc kinds explains them all.")
    }

    private func behave(_ bmc: BMCStatus, _ client: ControlClient) async throws {
        let kinds = words.dropFirst().isEmpty ? [nil] : words.dropFirst().map { Optional($0) }
        var taken: [String] = []
        for kind in kinds { taken += try await client.behave(kind, node: bmc.node) }
        let kept = bmc.misbehaviours.filter { $0.author != "hand" }.map { "\($0.kind) (\($0.author))" }
        print(
            "\(bmc.node): "
                + (taken.isEmpty ? "nothing was set by hand" : "no more \(taken.joined(separator: ", "))")
                + (kept.isEmpty ? "" : "; still \(kept.joined(separator: ", "))")
        )
    }

    private func watch(_ nodes: [String], _ client: ControlClient) async throws {
        try await client.events { event in
            guard let node = event.node, nodes.contains(node), BMCTable.isOfBMC(event) else { return }
            switch format {
            case .table: print(EventLine(event).text)
            case .json: print(String(decoding: event.json, as: UTF8.self))
            }
            // Seen at once, also in a pipe or a file.
            fflush(nil)
        }
    }
}

struct BMCKinds: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "kinds",
        abstract: "List the ways in which a BMC can misbehave, and what each takes.",
        discussion: """
            In a scenario the same are faults: bmc.slow, bmc.unreachable, ….
            Example: vlab bmc kinds --format json
            """
    )
    @Option(help: "table or json.") var format: OutputFormat = .table

    struct Row: Encodable {
        struct Argument: Encodable { var name, summary, usual: String }
        var kind, summary: String
        var arguments: [Argument]
    }

    func run() async throws {
        let rows = MisbehaviourForm.all.map { form in
            Row(
                kind: form.name,
                summary: form.summary,
                arguments: form.parameters.map { .init(name: $0.name, summary: $0.summary, usual: $0.usual) }
            )
        }
        try show(rows, as: format) {
            Table(
                header: ["KIND", "USUALLY", "WHAT IT DOES"],
                rows: rows.map { row in
                    let usual = row.arguments.map { "\($0.name)=\($0.usual)" }.joined(separator: " ")
                    let notes = row.arguments.map { "\($0.name): \($0.summary)" }.joined(separator: "; ")
                    return [row.kind, usual, row.summary + (notes.isEmpty ? "" : " (\(notes))")]
                }
            )
        }
    }
}
