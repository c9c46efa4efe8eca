import Testing

@testable import VlabCommands

@Suite("A number of things")
struct CountTests {
    @Test("is said as a person says it", arguments: [(0, "0 faults"), (1, "1 fault"), (2, "2 faults")])
    func words(number: Int, text: String) { #expect(number.of("fault") == text) }
}
