import LabModel
import Testing

@testable import YAML

@Suite("A YAML reader")
struct YAMLReaderTests {
    private enum Colour: String, CaseIterable { case red, green }

    @Test("keeps every problem, in the file's order")
    func everything() throws {
        let document = try YAMLDocument.parse(
            """
            nmae: x
            size: big
            wait: 3 s
            colour: gren
            mac: "44:a8:42:14:cd:0d "
            list: one
            on: yes
            """,
            file: "f.yml"
        )
        var reader = YAMLReader(document)
        let mapping = reader.mapping(
            document.root,
            "the file",
            required: ["name", "size", "colour"],
            optional: ["wait", "mac", "list", "on"]
        )
        let top = try #require(mapping)
        let read: [Any?] = [
            reader.integer(top["size"], "size", in: 1...9),
            reader.duration(top["wait"], "wait"),
            reader.choice(top["colour"], "colour", Colour.self),
            reader.value(top["mac"], "mac", example: "44:a8:42:14:cd:0d") { MACAddress($0) },
            reader.sequence(top["list"], "list"),
            reader.flag(top["on"], "on"),
        ]
        #expect(read.allSatisfy { $0 == nil })
        let error = #expect(throws: Diagnostics.self) { try reader.finish() }
        #expect(
            error?.description == """
                f.yml:1:1: error: unknown key “nmae” in the file; did you mean “name”?
                f.yml:1:1: error: the file has no “name”; add “name:”
                f.yml:2:7: error: size must be a whole number, not “big”; write one of 1 to 9
                f.yml:3:7: error: wait cannot be read from “3 s”; write it like 250ms, 3s, 25m or 2h
                f.yml:4:9: error: colour cannot be “gren”; did you mean “green”?
                f.yml:5:6: error: mac cannot be read from “44:a8:42:14:cd:0d ”; remove the blanks around it
                f.yml:6:7: error: list must be a list, not “one”; start each item with “- ”
                f.yml:7:5: error: on must be true or false, not “yes”; write one of the two, without quotes
                """
        )
    }

    @Test("returns what is right, with its warnings")
    func fine() throws {
        let document = try YAMLDocument.parse("size: 3\nnames: [a, b]\none: c\n", file: "f.yml")
        var reader = YAMLReader(document)
        let mapping = reader.mapping(document.root, "it", optional: ["size", "names", "one"])
        let top = try #require(mapping)
        let size = reader.integer(top["size"], "size", in: 1...9)
        let names = reader.texts(top["names"], "names")
        let one = reader.texts(top["one"], "one", orOne: true)
        #expect(size == 3 && names == ["a", "b"] && one == ["c"])
        reader.warning("odd", at: top.place(of: "size"))
        #expect(try reader.finish().map(\.description) == ["f.yml:1:1: warning: odd"])
    }

    @Test(
        "suggests the nearest name",
        arguments: [("conroller", "controller"), ("ipmIip", "ipmiIp"), ("hosts2", "hosts"), ("zzz", nil)]
    )
    func suggestion(word: String, expected: String?) {
        #expect(Suggestion.nearest(to: word, in: ["controller", "ipmiIp", "hosts", "roles"]) == expected)
    }
}
