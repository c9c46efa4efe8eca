import LabModel
import YAML

/// The settings of one DevStack `local.conf`, or of an older `localrc`.
struct DevStackFile {
    let path: String
    private(set) var variables: [String: String] = [:]
    /// Where each was set last: the line and column of its value, and whether a shell would have to say what it is.
    private var places: [String: (line: Int, column: Int, isComputed: Bool)] = [:]
    /// By `enable_service` and `disable_service`, in their order.
    private var switches: [(service: String, isOn: Bool)] = []

    /// What stack.sh runs when nobody says otherwise.
    private static let usual: Set<String> = [
        "key", "n-api", "n-cpu", "n-cond", "n-sch", "g-api", "c-api", "c-sch", "c-vol", "q-svc", "q-agt",
        "q-dhcp", "q-l3",
        "q-meta", "rabbit", "mysql", "horizon",
    ]

    /// Settings stand in the section `[[local|localrc]]`; a file without sections is all settings.
    init(_ text: String, path: String) {
        self.path = path
        let lines = text.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline)
        var isOurs = !lines.contains { $0.drop(while: \.isWhitespace).hasPrefix("[[") }
        for (index, whole) in lines.enumerated() {
            let line = whole.drop(while: \.isWhitespace)
            guard !line.hasPrefix("#") else { continue }
            if line.hasPrefix("[[") {
                isOurs = line.hasPrefix("[[local|localrc]]")
                continue
            }
            guard isOurs else { continue }
            let words = line.split(whereSeparator: { $0.isWhitespace || $0 == "," })
            if let first = words.first, first == "enable_service" || first == "disable_service" {
                let services = words.dropFirst().prefix { !$0.hasPrefix("#") }
                switches += services.map { (String($0), first == "enable_service") }
            } else if words.first == "disable_all_services" {
                variables["ENABLED_SERVICES"] = ""
            } else {
                read(line.hasPrefix("export ") ? line.dropFirst(7) : line, of: whole, index + 1)
            }
        }
    }

    private mutating func read(_ line: Substring, of whole: Substring, _ number: Int) {
        let parts = line.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
        guard parts.count == 2 else { return }
        let isAddition = parts[0].hasSuffix("+")
        let name = String(isAddition ? parts[0].dropLast() : parts[0])
        guard !name.isEmpty, name.allSatisfy({ $0.isLetter || $0.isNumber || $0 == "_" }) else { return }
        let value = expanded(Self.value(parts[1]))
        variables[name] = isAddition ? (variables[name] ?? "") + value : value
        let column = whole.distance(from: whole.startIndex, to: parts[1].startIndex) + 1
        places[name] = (number, column, parts[1].contains("$(") || parts[1].contains("`"))
    }

    /// Up to the comment, without its quotes.
    private static func value(_ text: Substring) -> String {
        let text = text.drop(while: \.isWhitespace)
        if let quote = text.first, quote == "\"" || quote == "'" {
            return String(text.dropFirst().prefix { $0 != quote })
        }
        return String(text.prefix { !$0.isWhitespace })
    }

    /// With `$NAME`, `${NAME}` and `${NAME:-default}` filled in from above.
    private func expanded(_ text: String) -> String {
        var result = ""
        var rest = Substring(text)
        while let dollar = rest.firstIndex(of: "$") {
            result += rest[..<dollar]
            rest = rest[rest.index(after: dollar)...]
            if rest.hasPrefix("{"), let end = rest.firstIndex(of: "}") {
                let inner = rest[rest.index(after: rest.startIndex)..<end]
                let name = inner.prefix { $0.isLetter || $0.isNumber || $0 == "_" }
                let fallback = inner.dropFirst(name.count)
                let isDefault = fallback.hasPrefix(":-") || fallback.hasPrefix(":=")
                result += variables[String(name)] ?? (isDefault ? String(fallback.dropFirst(2)) : "")
                rest = rest[rest.index(after: end)...]
            } else {
                let name = rest.prefix { $0.isLetter || $0.isNumber || $0 == "_" }
                result += variables[String(name)] ?? ""
                rest = rest.dropFirst(name.count)
            }
        }
        return result + rest
    }

    subscript(name: String) -> String? { variables[name].flatMap { $0.isEmpty ? nil : $0 } }

    /// What a variable says, as what it must be; nil where it is not set, or a command would have to say it.
    func value<Value>(
        of name: String,
        like example: String,
        _ problems: inout [Diagnostic],
        read: (String) -> Value?
    ) -> Value? {
        guard let text = self[name], let place = places[name] else { return nil }
        if let value = read(text) { return value }
        if !place.isComputed {
            problems.append(
                Diagnostic(
                    file: path,
                    line: place.line,
                    column: place.column,
                    message: "\(name) cannot be read from “\(text)”",
                    hint: "write it like \(example)",
                    rule: YAMLRule.wrongValue.rawValue
                )
            )
        }
        return nil
    }

    /// What runs on the host.
    var services: Set<String> {
        var services = Self.usual
        if let list = variables["ENABLED_SERVICES"] {
            let words = list.split(whereSeparator: { $0 == "," || $0.isWhitespace }).map(String.init)
            services = []
            for word in words {
                if word.hasPrefix("-") {
                    services.remove(String(word.dropFirst()))
                } else {
                    services.insert(word)
                }
            }
        }
        for change in switches {
            if change.isOn { services.insert(change.service) } else { services.remove(change.service) }
        }
        return services
    }
}
