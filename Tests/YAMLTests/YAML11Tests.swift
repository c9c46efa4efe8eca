import Testing

@testable import YAML

/// The expected values are PyYAML's own.
@Suite("What engines take a plain text for")
struct YAML11Tests {
    @Test(
        "is a whole number",
        arguments: [
            ("1:50", 110), ("10:20:22:33:44:55", 8_040_073_495), ("010", 8), ("0x1F", 31), ("0b11", 3),
            ("1_000", 1000), ("-1", -1), ("+12", 12), ("0", 0), ("00", 0), ("-0x1F", -31),
        ]
    )
    func integers(text: String, value: Int) {
        #expect(YAML11(text) == .integer(value))
    }

    @Test(
        "is something else that is no text",
        arguments: [
            ("2.0", YAML11.float), ("1.5e+3", .float), (".5", .float), ("1.", .float),
            ("190:20:30.15", .float),
            (".inf", .float), ("-.inf", .float), (".nan", .float), ("~", .null), ("null", .null), ("", .null),
            ("yes", .truth(true)), ("No", .truth(false)), ("off", .truth(false)), ("TRUE", .truth(true)),
            ("2018-01-02", .timestamp), ("99999999999999999999", .integer(nil)),
        ]
    )
    func others(text: String, kind: YAML11) {
        #expect(YAML11(text) == kind)
    }

    @Test(
        "is a text",
        arguments: [
            "1:1000", "02:20:22:33:44:55", "0o10", "1.0.0", "802.3ad", "None", "12e3", "1.5e3", "09", "1:60",
            "y", "n", "tRue", "10.20.0.1", "-", "+", "_1", "1:", "::1", "2018-1-2", "host1",
            "f8:4a:bf:55:a2:8d",
        ]
    )
    func texts(text: String) {
        #expect(YAML11(text) == .text && YAML11(text).meaning == nil)
    }
}
