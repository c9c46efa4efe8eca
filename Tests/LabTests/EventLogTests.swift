import Foundation
import LabModel
import Synchronization
import TestSupport
import Testing

@testable import Lab

@Suite("The log of events")
struct EventLogTests {
    @Test(
        "is read as it was written",
        arguments: [
            LabEvent("lab.ready", at: Date(timeIntervalSince1970: 1_764_000_000)),
            LabEvent("power.on", node: "ctl01", at: Date(timeIntervalSince1970: 0.125), ["boot": "disk,pxe"]),
            LabEvent(
                "console.line",
                node: "cmp01",
                at: Date(timeIntervalSince1970: 1.5),
                ["line": "a \"quoted\"\nline / with \\ and ünïcode \u{1F600}"]
            ),
        ]
    )
    func roundTrip(event: LabEvent) throws {
        let line = Data(event.json)
        #expect(!line.contains(0x0A))
        #expect(try EventLog.decode(line) == event)
    }

    @Test("has the time of every day, of leap years too", arguments: 0..<8)
    func times(seed: UInt64) throws {
        var random = seed
        for _ in 0..<500 {
            random = random &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            // From 1900 to the end of 2399, in milliseconds.
            let time = Double(Int(random % 15_778_454_400_000) - 2_208_988_800_000) / 1000
            let event = LabEvent("tick", at: Date(timeIntervalSince1970: time))
            let read = try EventLog.decode(Data(event.json))
            #expect(abs(read.time.timeIntervalSince(event.time)) < 0.0006, "\(time)")
        }
    }

    @Test("is a line of JSON for each event, also after it was opened again")
    func file() async throws {
        try await withScratchFolder { folder in
            let path = "\(folder)/events.jsonl"
            for name in ["one", "two"] {
                let log = try EventLog(appendingTo: path)
                for number in 1...3 { log.emit(LabEvent(name, ["number": "\(number)"])) }
                log.flush()
            }
            let lines = try String(contentsOfFile: path, encoding: .utf8).split(separator: "\n")
            let events = try lines.map { try EventLog.decode(Data($0.utf8)) }
            #expect(events.map(\.event) == ["one", "one", "one", "two", "two", "two"])
            let rights = try FileManager.default.attributesOfItem(atPath: path)[.posixPermissions] as? Int
            #expect(rights == 0o600)
        }
    }

    @Test("is heard by each listener from when it listens, in order, and not by one that left")
    func listeners() async throws {
        let log = try EventLog(appendingTo: nil)
        log.emit(LabEvent("too early"))
        var streams = (0..<3).map { _ in log.listen() }
        for number in 0..<100 { log.emit(LabEvent("\(number)")) }
        for stream in streams {
            var heard: [String] = []
            for await event in stream {
                heard.append(event.event)
                if heard.count == 100 { break }
            }
            #expect(heard == (0..<100).map { "\($0)" })
        }
        streams = []
        log.emit(LabEvent("nobody listens"))
    }

    @Test("is not held up by listeners that are cancelled while events come", .timeLimit(.minutes(1)))
    func cancelledListeners() async throws {
        let log = try EventLog(appendingTo: nil)
        let console = ConsoleLog(node: "ctl01") { _ in }
        await Noise.during {
            log.emit(LabEvent("noise"))
            console.receive([0x2E])
        } body: {
            for round in 0..<2000 {
                await withTaskGroup { group in
                    let (events, bytes) = (log.listen(), console.watch())
                    group.addTask { for await _ in events {} }
                    group.addTask { for await _ in bytes {} }
                    // Now they wait, now they are just woken.
                    for _ in 0..<round % 7 { await Task.yield() }
                    group.cancelAll()
                }
            }
        }
    }

    @Test("cannot be kept where nobody may write")
    func unwritable() {
        #expect(throws: (any Error).self) { try EventLog(appendingTo: "/proc/nowhere/events.jsonl") }
    }
}

/// Something that happens all the time, on a thread of its own.
private enum Noise {
    static func during(_ noise: @escaping @Sendable () -> Void, body: () async -> Void) async {
        let isOver = Mutex(false)
        let thread = Thread { while !isOver.withLock({ $0 }) { noise() } }
        thread.start()
        await body()
        isOver.withLock { $0 = true }
    }
}
