import LabModel
import SystemPackage

/// Reads a recipe: `[section]` lines, then `key value …` lines; `#` starts a comment at the start of a line.
struct RecipeParser {
    private static let keys: [String: Set<String>] = [
        "image": ["kind", "kernel", "packages"],
        "ramdisk": ["directories", "programs", "applets", "modules"],
        "boot": ["size", "arguments"],
        "root": ["directories", "programs", "applets", "modules", "size"],
    ]

    private struct Entry {
        var line: Int
        var value: String
        var words: [String] { value.split(separator: " ").map(String.init) }
    }

    private let file: String
    private var entries: [String: [String: Entry]] = [:]
    private var problems: [Diagnostic] = []

    /// The recipe in a text, or every problem that the text has.
    static func parse(_ text: String, name: String, folder: FilePath) throws(Diagnostics) -> Recipe {
        var parser = RecipeParser(file: folder.appending("recipe").string)
        parser.readLines(of: text)
        let recipe = parser.recipe(name: name, folder: folder)
        guard parser.problems.isEmpty, let recipe else { throw Diagnostics(parser.problems) }
        return recipe
    }

    private init(file: String) { self.file = file }

    private mutating func report(_ message: String, line: Int, column: Int = 1, hint: String? = nil) {
        problems.append(Diagnostic(file: file, line: line, column: column, message: message, hint: hint))
    }

    private mutating func readLines(of text: String) {
        var section: String?
        for (index, line) in text.split(separator: "\n", omittingEmptySubsequences: false).enumerated() {
            let number = index + 1
            let indent = line.prefix { $0 == " " }.count
            let words = line.split(whereSeparator: \.isWhitespace)
            guard let first = words.first, !first.hasPrefix("#") else { continue }
            if first.hasPrefix("[") {
                let name = String(first.dropFirst().prefix { $0 != "]" })
                section = Self.keys[name] == nil ? nil : name
                if section == nil {
                    report(
                        "unknown section \(first)",
                        line: number,
                        column: indent + 1,
                        hint: "there are \(Self.keys.keys.sorted().map { "[\($0)]" }.joined(separator: " "))"
                    )
                }
                continue
            }
            guard let section else {
                report("\(first) is in no section", line: number, column: indent + 1)
                continue
            }
            let key = String(first)
            guard Self.keys[section]?.contains(key) == true else {
                report("[\(section)] has no key \(key)", line: number, column: indent + 1)
                continue
            }
            guard entries[section]?[key] == nil else {
                report("\(key) is given twice in [\(section)]", line: number, column: indent + 1)
                continue
            }
            let value = words.dropFirst().joined(separator: " ")
            if value.isEmpty { report("\(key) has no value", line: number, column: indent + 1) }
            entries[section, default: [:]][key] = Entry(line: number, value: value)
        }
    }

    private mutating func recipe(name: String, folder: FilePath) -> Recipe? {
        let kindEntry = required("kind", in: "image")
        let kernel = required("kernel", in: "image")?.words.filter { $0 != "|" } ?? []
        let packages = required("packages", in: "image")?.words ?? []
        guard let kindEntry else { return nil }
        guard let kind = Recipe.Kind(rawValue: kindEntry.value) else {
            let kinds = Recipe.Kind.allCases.map(\.rawValue).joined(separator: " or ")
            report("kind is \(kinds), not \(kindEntry.value)", line: kindEntry.line)
            return nil
        }
        var recipe = Recipe(
            name: name,
            folder: folder,
            kind: kind,
            kernel: kernel,
            packages: packages,
            ramdisk: tree("ramdisk"),
            root: tree("root"),
            bootSize: Memory(bytes: 0),
            arguments: entries["boot"]?["arguments"]?.value ?? ""
        )
        if kind == .disk {
            recipe.bootSize = size(in: "boot")
            recipe.root.size = size(in: "root")
        }
        return recipe
    }

    private mutating func required(_ key: String, in section: String) -> Entry? {
        if let entry = entries[section]?[key] { return entry }
        report("[\(section)] lacks \(key)", line: 1)
        return nil
    }

    private func tree(_ section: String) -> Recipe.Tree {
        func words(_ key: String) -> [String] { entries[section]?[key]?.words ?? [] }
        return Recipe.Tree(
            directories: words("directories"),
            programs: words("programs"),
            applets: words("applets"),
            modules: words("modules")
        )
    }

    private mutating func size(in section: String) -> Memory {
        guard let entry = required("size", in: section) else { return Memory(bytes: 0) }
        guard let size = Memory(entry.value), size.bytes > 0, size.bytes % (1 << 20) == 0,
            size.bytes <= 4 << 30
        else {
            report("\(entry.value) is no size in whole mebibytes up to 4G", line: entry.line)
            return Memory(bytes: 0)
        }
        return size
    }
}
