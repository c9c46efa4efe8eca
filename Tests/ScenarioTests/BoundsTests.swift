import Testing

@testable import Scenario

@Suite("Bounds")
struct BoundsTests {
    @Test("read", arguments: [("<=2", 0, 2), (">=1", 1, .max), ("3..6", 3, 6), ("3", 3, 3)])
    func good(text: String, least: Int, most: Int) throws {
        let bounds = try #require(Bounds(text))
        #expect(bounds.least == least && bounds.most == most)
    }

    @Test("refuse", arguments: ["", "<2", "6..3", "-1", "a..b", "3...6", "..", "<=-1"])
    func bad(text: String) { #expect(Bounds(text) == nil) }
}

@Suite("A JUnit report")
struct JUnitReportTests {
    @Test("holds nothing that XML cannot")
    func escaping() {
        #expect(JUnitReport.escape("a<b>&\"c\"\u{1B}[0m\nü") == "a&lt;b&gt;&amp;&quot;c&quot;\u{FFFD}[0m ü")
    }
}
