import Foundation
import Testing

@Suite("The tree")
struct TreeTests {
    @Test("of modules in Sources/README.md is the manifest's")
    func moduleTable() throws {
        let (manifest, documented) = (try ManifestTable.modules(), try ManifestTable.documented())
        #expect(manifest.count > 15)
        #expect(documented.map(\.description) == manifest.map(\.description))
    }

    @Test("has a folder of sources for each module, and no other")
    func folders() throws {
        let folders = try FileManager.default.contentsOfDirectory(atPath: "\(ProjectTree.root)/Sources")
            .filter { $0 != "README.md" }
        #expect(Set(folders) == Set(try ManifestTable.modules().map(\.folder)))
    }

    @Test("has nothing at its top that does not belong there")
    func top() throws {
        let allowed: Set = [
            "Package.swift", "Sources", "Tests", "Scenarios", "Images", "README.md", "Makefile", "LICENSE",
            // Made by SwiftPM, ignored by git.
            "Package.resolved",
        ]
        let found = try FileManager.default.contentsOfDirectory(atPath: ProjectTree.root)
            .filter { !$0.hasPrefix(".") }
        #expect(Set(found).subtracting(allowed) == [])
    }

    /// All that is written by hand.
    static let written =
        ProjectTree.files(below: "Sources", "Tests", "Scenarios", "Images", ".ci")
        .filter { !$0.hasPrefix("Tests/TidyTests/") && !$0.hasSuffix(".pyc") } + [
            "Package.swift", "Makefile", "README.md",
        ]
    private static let places =
        #"/work/(main|wt|shared|\.)|/b/main|/home/(?!me\b)\w|/root/(work|\.(?!ssh|profile))"#
    private static let hosts =
        #"(deb|security)\.debian\.org|archive\.ubuntu\.com|pypi\.org|npmjs\.org|golang\.org|artifactory|nexus\."#

    @Test("names no place of somebody's machine and no host that packages come from")
    func noMachine() throws {
        for path in Self.written {
            let text = try ProjectTree.text(path)
            guard text.range(of: Self.places + "|" + Self.hosts, options: .regularExpression) != nil else {
                continue
            }
            for (index, line) in text.components(separatedBy: "\n").enumerated()
            where line.range(of: Self.places + "|" + Self.hosts, options: .regularExpression) != nil {
                Issue.record("\(path):\(index + 1): \(line)")
            }
        }
    }

    @Test("has no fixture that no test uses")
    func fixturesAreUsed() throws {
        let tests = ProjectTree.swiftFiles.filter { $0.path.hasPrefix("Tests/") }.map {
            $0.lines.joined(separator: "\n")
        }
        let fixtures = ProjectTree.files(below: "Tests")
            .filter { $0.contains("/Fixtures/") && !$0.hasSuffix(".pyc") }
        #expect(!fixtures.isEmpty)
        for path in fixtures {
            let file = URL(fileURLWithPath: path)
            let name = file.deletingPathExtension().lastPathComponent
            // Where a test puts the name together: what stands before its first dash.
            let stem = name.split(separator: "-").first.map(String.init) ?? name
            let marks = [
                "/\(file.lastPathComponent)\"", "\"\(file.lastPathComponent)\"", "\"\(name)\"", "\(stem)-\\(",
            ]
            #expect(tests.contains { test in marks.contains { test.contains($0) } }, "\(path)")
        }
    }
}
