import LabModel

/// An Ansible inventory in the INI form: groups, their hosts and variables.
struct InventoryFile {
    /// A host as a line names it; the same host may stand in many groups.
    struct Host {
        var name: String
        var line: Int
    }

    private struct Group {
        var hosts: [Host] = []
        var children: [String] = []
        var variables: [String: String] = [:]
    }

    private var groups: [String: Group] = [:]
    private var hostVariables: [String: [String: String]] = [:]
    /// The variables of the groups that a host is in, those of the nearest first.
    private var groupVariables: [String: [[String: String]]] = [:]
    private(set) var diagnostics: [Diagnostic] = []

    private enum Section { case hosts, children, variables }

    init(_ text: String, file: String) {
        var (group, section) = ("ungrouped", Section.hosts)
        for (index, raw) in text.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline)
            .enumerated()
        {
            let line = Self.withoutComment(raw)
            guard !line.isEmpty else { continue }
            func problem(_ message: String, _ hint: String) {
                diagnostics.append(
                    Diagnostic(
                        file: file,
                        line: index + 1,
                        column: 1,
                        message: message,
                        hint: hint,
                        rule: PodRule.inventory.rawValue
                    )
                )
            }
            if line.hasPrefix("[") {
                guard line.hasSuffix("]"), line.count > 2 else {
                    problem("a group's name has no end", "write it like [control]")
                    continue
                }
                let parts = line.dropFirst().dropLast().split(separator: ":", maxSplits: 1).map(String.init)
                group = parts[0]
                groups[group, default: Group()].hosts += []
                switch parts.count > 1 ? parts[1] : "" {
                case "": section = .hosts
                case "children": section = .children
                case "vars": section = .variables
                default: problem("a group has children or vars, no \(parts[1])", "write [\(group):children]")
                }
                continue
            }
            switch section {
            case .hosts:
                let words = Self.words(of: line)
                let variables = words.dropFirst().compactMap(Self.assignment)
                if variables.count != words.count - 1 {
                    problem(
                        "a host's line has a word that is no variable",
                        "write it like name variable=value"
                    )
                }
                guard let names = Self.expanded(words[0]) else {
                    problem("the range in “\(words[0])” cannot be read", "write it like node[01:03]")
                    continue
                }
                for name in names {
                    groups[group, default: Group()].hosts.append(Host(name: name, line: index + 1))
                    hostVariables[name, default: [:]].merge(variables) { $1 }
                }
            case .children: groups[group, default: Group()].children.append(line)
            case .variables:
                guard let (name, value) = Self.assignment(line) else {
                    problem("a line of vars has no “=”", "write it like name=value")
                    continue
                }
                groups[group, default: Group()].variables[name] = value
            }
        }
        orderVariables()
    }

    /// Also those that no line of hosts is under.
    var groupNames: [String] { groups.keys.sorted() }

    /// Gives groups variables from elsewhere, which win over those in the inventory.
    mutating func add(_ variables: [String: [String: String]]) {
        for (group, more) in variables { groups[group, default: Group()].variables.merge(more) { $1 } }
        orderVariables()
    }

    /// The smaller a group, the more it means its hosts; by name where that does not tell, and `all` last.
    private mutating func orderVariables() {
        groupVariables = [:]
        let said = groups.filter { !$0.value.variables.isEmpty && $0.key != "all" }
        let ordered = said.map { (hosts: hosts(of: $0.key), name: $0.key, variables: $0.value.variables) }
            .sorted { ($0.hosts.count, $0.name) < ($1.hosts.count, $1.name) }
        for group in ordered {
            for host in group.hosts { groupVariables[host.name, default: []].append(group.variables) }
        }
    }

    /// The hosts of a group and of all groups in it, each once.
    func hosts(of group: String) -> [Host] {
        var (visited, seen): (Set<String>, Set<String>) = ([], [])
        var hosts: [Host] = []
        // Each group is looked into once, also one that holds itself.
        var waiting = [group]
        while let name = waiting.popLast() {
            guard visited.insert(name).inserted, let found = groups[name] else { continue }
            hosts += found.hosts.filter { seen.insert($0.name).inserted }
            waiting += found.children.reversed()
        }
        return hosts
    }

    /// What a host has by itself, else by the nearest group that it is in.
    func variable(_ name: String, of host: String) -> String? {
        hostVariables[host]?[name] ?? groupVariables[host]?.compactMap { $0[name] }.first
            ?? groups["all"]?.variables[name]
    }

    // MARK: - Lines

    private static func withoutComment(_ raw: Substring) -> String {
        let line = raw.drop(while: \.isWhitespace)
        guard let first = line.first, first != "#", first != ";" else { return "" }
        var quote: Character?
        var text = ""
        for character in line {
            if quote == nil, character == "#", text.last?.isWhitespace == true { break }
            if quote == nil, character == "\"" || character == "'" {
                quote = character
            } else if character == quote {
                quote = nil
            }
            text.append(character)
        }
        return String(text.reversed().drop(while: \.isWhitespace).reversed())
    }

    /// At blanks outside of quotes.
    private static func words(of line: String) -> [String] {
        var words: [String] = []
        var word = ""
        var quote: Character?
        for character in line {
            if quote == nil, character.isWhitespace {
                if !word.isEmpty { words.append(word) }
                word = ""
                continue
            }
            if quote == nil, character == "\"" || character == "'" {
                quote = character
            } else if character == quote {
                quote = nil
            }
            word.append(character)
        }
        return word.isEmpty ? words : words + [word]
    }

    private static func assignment(_ word: String) -> (String, String)? {
        let parts = word.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
        guard parts.count == 2 else { return nil }
        let name = parts[0].filter { !$0.isWhitespace }
        guard !name.isEmpty else { return nil }
        return (name, unquoted(String(parts[1])))
    }

    static func unquoted(_ text: String) -> String {
        let value = text.drop(while: \.isWhitespace)
        guard value.count >= 2, let first = value.first, first == "\"" || first == "'", value.last == first
        else {
            return String(value)
        }
        return String(value.dropFirst().dropLast())
    }

    /// `node[01:03]` is three hosts, with as many digits as are written; nil when the range is none.
    private static func expanded(_ name: String) -> [String]? {
        guard let open = name.firstIndex(of: "[") else { return [name] }
        guard let close = name[open...].firstIndex(of: "]") else { return nil }
        let ends = name[name.index(after: open)..<close].split(
            separator: ":",
            omittingEmptySubsequences: false
        )
        guard ends.count == 2, let first = Int(ends[0]), let last = Int(ends[1]), first >= 0, first <= last,
            last - first < 1_000
        else { return nil }
        guard let rest = expanded(String(name[name.index(after: close)...])) else { return nil }
        return (first...last).flatMap { number in
            let digits = "\(number)"
            let zeros = String(repeating: "0", count: max(0, ends[0].count - digits.count))
            return rest.map { "\(name[..<open])\(zeros)\(digits)\($0)" }
        }
    }
}
