import Foundation
import Glibc
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

    @Test(
        "is followed from any place in it, at the reader's pace: who pauses misses nothing",
        .timeLimit(.minutes(1))
    )
    func pausedReader() async throws {
        try await withScratchFolder { folder in
            let log = try EventLog(appendingTo: "\(folder)/events.jsonl")
            for name in ["before", "from here"] {
                log.emit(LabEvent(name))
                log.flush()
            }
            let place = LabEvent("before").json.count + 1
            let (pause, goOn) = AsyncStream<Void>.makeStream()
            let (heard, hear) = AsyncStream<String>.makeStream()
            await withThrowingTaskGroup { group in
                group.addTask {
                    var text = Data()
                    for try await piece in try log.lines(from: place) {
                        text += piece
                        while let end = text.firstIndex(of: 0x0A) {
                            hear.yield(try EventLog.decode(Data(text[..<end])).event)
                            text = Data(text[(end + 1)...])
                        }
                        for await _ in pause {}
                    }
                }
                var names = heard.makeAsyncIterator()
                #expect(await names.next() == "from here")
                let many = (0..<20_000).map { "\($0)" }
                for name in many { log.emit(LabEvent(name)) }
                log.flush()
                goOn.finish()
                for name in many { #expect(await names.next() == name) }
                log.emit(LabEvent("last"))
                #expect(await names.next() == "last")
                group.cancelAll()
            }
        }
    }

    @Test("has whole lines only when the disk is full, and then says how many it lacks")
    func fullDisk() async throws {
        await #expect(processExitsWith: .success) {
            let path = "\(FileManager.default.temporaryDirectory.path)/vlab-\(UUID().uuidString).jsonl"
            // What cannot be removed is left to the system's own clean-up of temporary files.
            defer { try? FileManager.default.removeItem(atPath: path) }
            let log = try EventLog(appendingTo: path)
            // As if the disk had room for no more than this.
            signal(SIGXFSZ, SIG_IGN)
            var limit = rlimit()
            unsafe getrlimit(__rlimit_resource_t(RLIMIT_FSIZE.rawValue), &limit)
            limit.rlim_cur = 1000
            unsafe setrlimit(__rlimit_resource_t(RLIMIT_FSIZE.rawValue), &limit)
            for number in 0..<20 {
                log.emit(LabEvent("event", ["number": "\(number)"]))
                log.flush()
            }
            limit.rlim_cur = limit.rlim_max
            unsafe setrlimit(__rlimit_resource_t(RLIMIT_FSIZE.rawValue), &limit)
            log.emit(LabEvent("again"))
            log.flush()
            let events = try Data(contentsOf: URL(fileURLWithPath: path)).split(separator: 0x0A)
                .map { try EventLog.decode($0) }
            let kept = events.prefix { $0.event == "event" }.count
            let rest = events.dropFirst(kept)
            precondition(kept > 0 && kept < 20)
            precondition(rest.map(\.event) == ["events.lost", "again"])
            precondition(rest.first?.details["count"] == "\(20 - kept)")
        }
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
