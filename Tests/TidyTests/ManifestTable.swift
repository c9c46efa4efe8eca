import Foundation

/// The modules of the manifest, in its order.
enum ManifestTable {
    /// A module as the manifest declares it.
    struct Module: Hashable, CustomStringConvertible {
        var layer: String
        var name: String
        /// Its folder below `Sources`.
        var folder: String
        /// Modules and packages that it may import, in the manifest's order.
        var uses: [String]
        var description: String { "\(layer) \(name): \(uses.joined(separator: ", "))" }
    }

    /// The folders of executables.
    static let programs: Set<String> = Set(
        // A manifest that cannot be read fails the test of the table.
        ((try? modules()) ?? []).filter { $0.name.first?.isLowercase == true }.map(\.folder)
    )

    static func modules() throws -> [Module] {
        let manifest = try ProjectTree.text("Package.swift")
        let packages = try Dictionary(
            uniqueKeysWithValues: manifest.matches(
                of: Regex(
                    #"let (\w+): Target\.Dependency = \.product\(name: "(\w+)""#,
                    as: (Substring, Substring, Substring).self
                )
            ).map { (String($0.output.1), String($0.output.2)) }
        )
        let pattern = try Regex(
            #"// Layer (\d)|targets \+= (?:module|system|program)\(([^)]*)\)"#,
            as: (Substring, Substring?, Substring?).self
        )
        var layer = ""
        var modules: [Module] = []
        for match in manifest.matches(of: pattern) {
            if let number = match.output.1 { layer = String(number) }
            guard let text = match.output.2 else { continue }
            // What has a label says how it is built and tested, not what it imports.
            let words = text.split(separator: ",").map { $0.trimmingCharacters(in: .whitespacesAndNewlines) }
                .prefix { !$0.contains(":") }
            let names = words.compactMap { word in
                word.hasPrefix("\"") ? word.trimmingCharacters(in: ["\""]) : packages[word]
            }
            guard let name = names.first else { continue }
            let path = text.firstMatch(of: /path: "Sources\/(\w+)"/)
            let folder = path.map { String($0.output.1) } ?? name
            modules.append(Module(layer: layer, name: name, folder: folder, uses: Array(names.dropFirst())))
        }
        return modules
    }

    /// The table of `Sources/README.md`: layer, module, what it does, what it uses.
    static func documented() throws -> [Module] {
        var layer = ""
        return try ProjectTree.text("Sources/README.md").split(separator: "\n").compactMap { line in
            let cells = line.split(separator: "|", omittingEmptySubsequences: false)
                .map { $0.trimmingCharacters(in: .whitespaces) }
            guard cells.count == 6, cells[2].hasPrefix("`") else { return nil }
            if let number = cells[1].first { layer = String(number) }
            let uses = cells[4].split(separator: ",").map { $0.trimmingCharacters(in: .whitespaces) }
            let name = cells[2].trimmingCharacters(in: ["`"])
            return Module(
                layer: layer,
                name: name,
                folder: name,
                uses: uses.filter { $0 != "–" }.map { $0.trimmingCharacters(in: ["`"]) }
            )
        }
    }
}
