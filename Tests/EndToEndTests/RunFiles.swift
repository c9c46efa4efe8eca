import Foundation
import Testing

/// What a run left: verdict, JUnit report, events, journal of remedies, consoles.
struct RunFiles {
    let folder: String

    /// The parts of verdict.json that tests look at.
    struct Verdict: Decodable {
        struct Fault: Decodable {
            var id: String
            var nodes: [String]
            var applied: Int
        }
        struct Expectation: Decodable {
            var expected: String
            var saw: String
            var holds: Bool
        }
        var scenario: String
        var outcome: String
        var reasons: [String]
        var faults: [Fault]
        var expectations: [Expectation]
        var engine: String
        var seconds: Double
    }

    /// A change to the lab, or the note that it was undone.
    private struct Remedy: Decodable {
        struct Change: Decodable, Hashable {
            var kind: String
            var node: String?
            var nic: String?
            var rule: String?
        }
        var state: String
        var remedy: Change
    }

    func text(_ name: String) throws -> String {
        try String(contentsOfFile: "\(folder)/\(name)", encoding: .utf8)
    }

    func verdict() throws -> Verdict {
        try JSONDecoder().decode(Verdict.self, from: Data(text("verdict.json").utf8))
    }

    func events() throws -> [Event] { try Event.read("\(folder)/events.jsonl") }

    /// How many changes were made to the lab, and how many of them were not undone.
    func changes() throws -> (made: Int, open: Int) {
        var made = 0
        var open: Set<Remedy.Change> = []
        for line in try text("heal.jsonl").split(separator: "\n") {
            let entry = try JSONDecoder().decode(Remedy.self, from: Data(line.utf8))
            if entry.state == "open" {
                made += 1
                open.insert(entry.remedy)
            } else {
                open.remove(entry.remedy)
            }
        }
        return (made, open.count)
    }

    /// The attributes of JUnit's `testsuite` and how many `testcase`s it holds, as an XML parser sees them.
    func junit() throws -> (attributes: [String: String], tests: Int) {
        let reader = JUnitReader()
        return try reader.read(Data(text("junit.xml").utf8))
    }
}
