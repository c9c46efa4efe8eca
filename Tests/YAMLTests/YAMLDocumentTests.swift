import Foundation
import Glibc
import LabModel
import TestSupport
import Testing

@testable import YAML

@Suite("A YAML document")
struct YAMLDocumentTests {
    private func parse(_ text: String) throws -> YAMLDocument { try YAMLDocument.parse(text, file: "f.yml") }

    @Test("knows line and column of every value, in characters")
    func positions() throws {
        let root = try parse("a: 1\nü: [x, \"y\"]\n").root
        #expect(root["a"]?.position == .init(line: 1, column: 4))
        #expect(root["ü"]?.items?.map(\.position) == [.init(line: 2, column: 5), .init(line: 2, column: 8)])
        #expect(root["ü"]?.items?.last?.content == .scalar("y", .quoted))
    }

    @Test("tells nothing from the word for nothing")
    func nulls() throws {
        let root = try parse("a:\nb: ~\nc: 'null'\nd: None\n").root
        #expect(root["a"]?.isNull == true && root["b"]?.isNull == true)
        #expect(root["c"]?.isNull == false && root["d"]?.isNull == false)
    }

    @Test("resolves aliases")
    func aliases() throws {
        let root = try parse("a: &x [1, 2]\nb: *x\n").root
        #expect(root["b"] == root["a"])
    }

    @Test("merges what << names: its own keys win, then those of the mapping named first")
    func merges() throws {
        let root = try parse(
            """
            a: &a {x: 1, y: 2}
            b: &b {y: 3, z: 4}
            c: {z: 5, <<: *a}
            d: {<<: [*b, *a], w: 6}
            e: {<<: {v: 7}, '<<': 8}
            f: &f {<<: *a, u: 9}
            g: {<<: *f}

            """
        ).root
        func keys(_ name: String) -> [String: String] {
            let entries = root[name]?.entries ?? []
            return Dictionary(
                uniqueKeysWithValues: entries.map { ($0.key.text ?? "?", $0.value.text ?? "?") }
            )
        }
        #expect(keys("c") == ["x": "1", "y": "2", "z": "5"])
        #expect(keys("d") == ["x": "1", "y": "3", "z": "4", "w": "6"])
        #expect(keys("e") == ["v": "7", "<<": "8"])
        #expect(keys("g") == ["x": "1", "y": "2", "u": "9"])
        #expect(root["c"]?["x"]?.position == .init(line: 1, column: 11))
    }

    @Test(
        "says when << names no mapping",
        arguments: ["a: {<<: 1}", "a: {<<: [{b: 1}, 2]}", "a: {<<: [[]]}"]
    )
    func badMerge(text: String) throws {
        let problems = try parse(text).problems
        #expect(problems.map(\.rule) == [YAMLRule.wrongType.rawValue])
    }

    @Test(
        "says where it is broken",
        arguments: [
            ("a: 1\n\tb: 2\n", "f.yml:2:1:"),
            ("a: [1, 2\nb: 3\n", "f.yml:2:2:"),
            ("a: \"open\n", "f.yml:2:1:"),
            ("a: *nobody\n", "f.yml:1:4:"),
            ("a: &x [*x]\n", "f.yml:1:8:"),
            ("a: 1\n---\nb: 2\n", "f.yml:2:1:"),
            ("", "f.yml:1:1:"),
            ("# nothing\n", "f.yml:1:1:"),
            ("a: 1\nb: \u{1}\n", "f.yml:2:4:"),
        ]
    )
    func broken(text: String, place: String) {
        let error = #expect(throws: Diagnostics.self) { try parse(text) }
        #expect(error?.description.hasPrefix(place) == true, "\(error?.description ?? "no error")")
    }

    @Test(
        "says what to do where it is broken",
        arguments: [
            ("a:\n  b: 1\n c: 2\n", "3:2", "line this line up with the keys that begin in line 1, column 1"),
            (
                "a:\n  - b: 1\n    c: 2\n   d: 3\n", "4:4",
                "line this line up with the list that begins in line 2, column 3"
            ),
            (
                "a: 1\n  b: 2\n", "2:4",
                "line this line up with its neighbours, or quote a text that has “: ” in it"
            ),
            ("a: 1\nb:2\nc: 3\n", "2:1", "write “key: value”, with a blank behind the colon"),
            (
                "a: [1, 2\nb: 3\n", "2:2",
                "close the bracket of line 1, column 4, or quote what has brackets in it"
            ),
            ("a: 1\n\tb: 2\n", "2:1", "indent with blanks, not with tabs"),
            ("a:\n  - b: 1\n\tc: 2\n", "3:1", "indent with blanks, not with tabs"),
            ("a: @b\n", "1:4", "quote a value that begins with @, ` or %"),
            ("a: {b:\u{A0}1, c: 2: 3}\n", "1:15", "the line has a no-break space (U+00A0), write a blank"),
            ("a: 1\n---\nb: 2\n", "2:1", "put it into a file of its own, or take out the line “---”"),
            ("a: *b\n", "1:4", "write &b before the value that is meant, further up"),
        ]
    )
    func advice(text: String, place: String, advice: String) {
        let error = #expect(throws: Diagnostics.self) { try parse(text) }
        let problem = error?.all.first
        #expect("\(problem?.line ?? 0):\(problem?.column ?? 0)" == place, "\(error?.description ?? "")")
        #expect(problem?.hint == "\(advice); the rest of the file was not read")
    }

    @Test("that another program has saved is the same: with a byte order mark, with the line ends of Windows")
    func foreign() throws {
        let text = "---\na: 1\nb: {c: 2}\n"
        let plain = try parse(text).root
        for other in ["\u{FEFF}" + text, text.replacing("\n", with: "\r\n"), "\u{FEFF}" + text.dropFirst(4)] {
            let root = try parse(String(other)).root
            #expect(root["b"]?["c"]?.text == "2" && root["a"]?.position.column == plain["a"]?.position.column)
        }
        for wrong in [[0xFF, 0xFE, 0x61, 0x00], [0x61, 0x3A, 0x20, 0xF6, 0x0A]] as [[UInt8]] {
            try withFile(Data(wrong)) { path in
                let error = #expect(throws: Diagnostics.self) { try YAMLDocument.read(contentsOf: path) }
                #expect(error?.description.contains("save the file as text in UTF-8") == true)
            }
        }
    }

    private func withFile(_ data: Data, _ body: (String) throws -> Void) throws {
        let path = FileManager.default.temporaryDirectory.path + "/vlab-\(UUID().uuidString).yml"
        try data.write(to: URL(fileURLWithPath: path))
        // What cannot be removed is left to the system's own clean-up of temporary files.
        defer { try? FileManager.default.removeItem(atPath: path) }
        try body(path)
    }

    @Test("is read from a pipe as from a file, and not without end")
    func pipe() throws {
        let pipe = Pipe()
        // More than a pipe holds is not written here, so nobody waits.
        try pipe.fileHandleForWriting.write(contentsOf: Data("a: 1\n".utf8))
        try pipe.fileHandleForWriting.close()
        let path = "/dev/fd/\(pipe.fileHandleForReading.fileDescriptor)"
        #expect(try YAMLDocument.read(contentsOf: path).root["a"]?.text == "1")
        for (path, words) in [
            ("/dev/zero", "the file is larger than 16 MiB"), ("/dev/null", "the file is empty"),
            ("/", "the file is a folder; name a file in it"),
            ("/none.yml", "the file does not exist; check the path"),
        ] {
            let error = #expect(throws: Diagnostics.self) { try YAMLDocument.read(contentsOf: path) }
            #expect(error?.description.hasPrefix("\(path):1:1: error: \(words)") == true)
        }
    }

    @Test("reports a key that is there twice and keeps the first")
    func duplicates() throws {
        let document = try parse("a: 1\nb: 2\na: 3\na: 4\n")
        #expect(document.root["a"]?.text == "1")
        #expect(document.problems.map(\.line) == [3, 4])
        #expect(throws: Diagnostics.self) { try YAMLReader(document).finish() }
    }

    @Test("refuses a billion laughs at once")
    func billionLaughs() {
        var text = "l0: &l0 [lol, lol, lol, lol, lol, lol, lol, lol, lol]\n"
        for level in 1...9 {
            let uses = Array(repeating: "*l\(level - 1)", count: 9).joined(separator: ", ")
            text += "l\(level): &l\(level) [\(uses)]\n"
        }
        let error = #expect(throws: Diagnostics.self) { try parse(text) }
        #expect(error?.all.first?.message.contains("values when its aliases are written out") == true)
    }

    @Test("refuses a billion laughs of merged keys at once")
    func billionMerges() {
        let keys = (0..<100).map { "k\($0): 1" }.joined(separator: ", ")
        var text = "l0: &l0 {\(keys)}\n"
        for level in 1...9 {
            let uses = Array(repeating: "*l\(level - 1)", count: 100).joined(separator: ", ")
            text += "l\(level): &l\(level) {<<: [\(uses)]}\n"
        }
        let error = #expect(throws: Diagnostics.self) { try parse(text) }
        #expect(error?.all.first?.message.contains("values when its aliases are written out") == true)
    }

    @Test("refuses what aliases nest too deeply")
    func aliasDepth() {
        let lines = (1...100).map { "a\($0): &a\($0) [*a\($0 - 1)]\n" }
        let error = #expect(throws: Diagnostics.self) { try parse("a0: &a0 [1]\n" + lines.joined()) }
        #expect(error?.all.first?.message == "nested deeper than 64 levels")
    }

    @Test("refuses what is nested too deeply", arguments: ["[", "{a: ", "- "])
    func depth(opening: String) {
        #expect(throws: Diagnostics.self) { try parse(String(repeating: opening, count: 5_000)) }
    }

    @Test("survives any bytes", arguments: UInt64(0)..<200)
    func noise(seed: UInt64) {
        let alphabet = Array("ab:-[]{}&*!|>'\"%@`,?#\n\n  \t~ü\u{7F}1")
        var state = seed &* 0x9E37_79B9_7F4A_7C15 | 1
        let text = (0..<120).map { _ in
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return alphabet[Int(state >> 33) % alphabet.count]
        }
        do {
            _ = try parse(String(text))
        } catch let error as Diagnostics {
            #expect(error.all.allSatisfy { $0.line >= 1 && $0.column >= 1 })
        } catch {
            Issue.record("another error: \(error)")
        }
    }

    @Test("that is missing, or a folder, is a diagnostic")
    func unreadable() {
        let missing = #expect(throws: Diagnostics.self) {
            try YAMLDocument.read(contentsOf: "/nonexistent/a.yml")
        }
        #expect(
            missing?.description.contains("/nonexistent/a.yml:1:1: error: the file does not exist") == true
        )
        let folder = #expect(throws: Diagnostics.self) { try YAMLDocument.read(contentsOf: "/tmp") }
        #expect(folder?.description.contains("is a folder") == true)
    }
}
