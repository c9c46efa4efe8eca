import Foundation
import Lab
import LabModel
import Testing

@testable import VlabCommands

@Suite("A run's events on their way to who waits for its verdict", .timeLimit(.minutes(1)))
struct LineFeedTests {
    /// What a listener reads of so many events who comes when all have happened.
    private func read(_ count: Int) async throws -> [LabEvent] {
        let feed = LineFeed(of: "/runs/1/events.jsonl")
        for number in 0..<count {
            feed.say(LabEvent("event", ["number": "\(number)"]))
            if number % 100 == 0 { feed.beat() }
        }
        feed.finish()
        var events: [LabEvent] = []
        for await line in feed where line != [0x0A] { events.append(try EventLog.decode(Data(line))) }
        return events
    }

    @Test("are all there for a listener who keeps up")
    func all() async throws {
        let numbers = try await read(500).map { $0.details["number"] }
        #expect(numbers == (0..<500).map { "\($0)" })
    }

    @Test("are bounded: one who paused gets the last ones, the verdict with them, and how many he missed")
    func paused() async throws {
        let count = 100_000
        let events = try await read(count)
        let gap = try #require(events.first)
        let missed = try #require(gap.details["count"].flatMap { Int($0) })
        #expect(gap.event == "events.missed" && gap.details["all"] == "/runs/1/events.jsonl")
        #expect(events.count - 1 <= LineFeed.room && missed == count - (events.count - 1))
        #expect(events.dropFirst().map { $0.details["number"] } == (missed..<count).map { "\($0)" })
    }
}
