import ArgumentParser
import Gateway
import Scenario
import YAML

struct NetKinds: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "kinds",
        abstract: "List what can be broken in the outside world, or explain one kind.",
        discussion: """
            In a scenario the same are faults, and their parameters its args.
            Examples:
              vlab net kinds
              vlab net kinds http.stall
              vlab net kinds --format json
            """
    )
    @Argument(help: "One kind.") var kind: String?
    @Option(help: "table or json.") var format: OutputFormat = .table

    struct Row: Encodable {
        struct Parameter: Encodable {
            var name, summary: String
            /// Nil when it must be said.
            var usual: String?
        }
        var kind, summary: String
        var parameters: [Parameter]
        /// What of the traffic it can be chosen by, as options of break and as keys of `where`.
        var selectors: [String]
        var example: String

        init(_ form: FaultForm) {
            (kind, summary) = (form.name, form.summary)
            parameters = form.parameters.map {
                Parameter(name: $0.name, summary: $0.summary, usual: $0.usual)
            }
            selectors = (TrafficFamily(kind: form.name)?.fields.map(\.name) ?? []) + ["node"]
            let arguments = form.example.sorted { $0.key < $1.key }.map { " \($0.key)=\($0.value)" }.joined()
            example = "vlab net pod1 break \(form.name)\(arguments) --node ctl01 --first 2"
        }
    }

    func validate() throws {
        guard let kind, !FaultCatalogue.forms.contains(where: { $0.name == kind }) else { return }
        let hint = Suggestion.hint(for: kind, among: FaultCatalogue.forms.map(\.name), "kind")
        throw ValidationError("There is no fault “\(kind)”: \(hint)")
    }

    func run() async throws {
        let rows = FaultCatalogue.forms.filter { kind == nil || $0.name == kind }.map(Row.init)
        if format == .table, kind != nil, let row = rows.first { return print(Self.explain(row)) }
        try show(rows, as: format) {
            Table(
                header: ["KIND", "TAKES", "WHAT IT DOES"],
                rows: rows.map { row in
                    let takes = row.parameters.map { "\($0.name)\($0.usual.map { "=\($0)" } ?? "=…")" }
                    return [row.kind, takes.joined(separator: " "), row.summary]
                }
            )
        }
    }

    static func explain(_ row: Row) -> String {
        var lines = ["\(row.kind): \(row.summary)."]
        for parameter in row.parameters {
            let usual = parameter.usual.map { "usually \($0)" } ?? "must be said"
            lines.append("  \(parameter.name): \(parameter.summary) (\(usual))")
        }
        lines.append("  chosen by: " + row.selectors.map { "--\($0)" }.joined(separator: ", "))
        lines.append("  example: \(row.example)")
        return lines.joined(separator: "\n")
    }
}
