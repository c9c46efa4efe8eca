import Foundation
import Testing

/// The project's own files, as they lie on the disk.
enum ProjectTree {
    static let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent().path

    /// All files below these folders, by their paths from the project's folder.
    static func files(below folders: String...) -> [String] {
        folders.flatMap { folder -> [String] in
            let found = FileManager.default.enumerator(atPath: "\(root)/\(folder)")?.compactMap {
                $0 as? String
            }
            return (found ?? []).map { "\(folder)/\($0)" }
        }.filter { path in
            var isFolder: ObjCBool = false
            return unsafe FileManager.default.fileExists(atPath: "\(root)/\(path)", isDirectory: &isFolder)
                && !isFolder.boolValue
        }.sorted()
    }

    static let swiftFiles = files(below: "Sources", "Tests").filter { $0.hasSuffix(".swift") }.map {
        SourceFile($0)
    }
    static let sources = swiftFiles.filter { $0.path.hasPrefix("Sources/") }

    static func text(_ path: String) throws -> String {
        try String(contentsOfFile: "\(root)/\(path)", encoding: .utf8)
    }
}

/// One Swift file, line by line.
struct SourceFile: Sendable, CustomTestStringConvertible {
    let path: String
    /// Empty when it cannot be read: then it is no text, and the compiler says so.
    let lines: [String]

    init(_ path: String) {
        // As said above.
        self.init(path: path, lines: ((try? ProjectTree.text(path)) ?? "").components(separatedBy: "\n"))
    }

    init(path: String, lines: [String]) { (self.path, self.lines) = (path, lines) }

    var testDescription: String { path }
    var module: String { path.split(separator: "/").dropFirst().first.map(String.init) ?? "" }
    var name: String { URL(fileURLWithPath: path).deletingPathExtension().lastPathComponent }

    /// A line without what is only said about it.
    private func code(_ index: Int) -> Substring {
        let line = lines[index]
        if line.drop(while: { $0 == " " }).hasPrefix("//") { return "" }
        return line[..<(line.firstRange(of: " // ")?.lowerBound ?? line.endIndex)]
    }

    /// Whether a comment stands on the line or where its statement begins, up to three lines above.
    func isExplained(_ index: Int, by mark: String = "//") -> Bool {
        lines[max(0, index - 3)...index].contains { $0.contains(mark) }
    }

    /// The lines whose code has the word and the pattern, by index; the word keeps most lines from being searched.
    func find(_ word: String, _ pattern: String) -> [Int] {
        lines.indices.filter { index in
            lines[index].contains(word) && code(index).range(of: pattern, options: .regularExpression) != nil
        }
    }
}
