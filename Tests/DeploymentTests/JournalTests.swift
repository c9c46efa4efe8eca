import Deployment
import Foundation
import Testing

@Suite("A journal")
struct JournalTests {
    private let scratch: Scratch
    private var path: String { "\(scratch.path)/journal.jsonl" }
    init() throws { scratch = try Scratch() }

    private func write(_ text: String) throws {
        try text.write(toFile: path, atomically: true, encoding: .utf8)
    }

    @Test("knows after it was opened again what was done before")
    func remembers() throws {
        do {
            let journal = try Journal(at: path)
            try journal.append(.begun, request: Scratch.request(policy: "default"))
            try journal.append(.stageFinished, stage: .validate)
            try journal.finish(.power, "powered", on: "ctl01")
            try journal.append(.attempt, stage: .install, node: "ctl01", attempt: 2, ntp: false)
        }
        let progress = try Journal(at: path).progress
        #expect(progress.isFinished(.validate))
        #expect(!progress.isFinished(.power))
        #expect(progress.isFinished(.power, "powered", on: "ctl01"))
        #expect(!progress.isFinished(.power, "powered", on: "ctl02"))
        #expect(progress.nodes["ctl01"]?.attempt == 2)
        #expect(progress.nodes["ctl01"]?.ntp == false)
        #expect(progress.request?.policy == "default")
    }

    @Test("forgets a last line that a crash tore, and goes on behind the one before", arguments: [1, 20, 57])
    func torn(length: Int) throws {
        let whole = #"{"event":"stageFinished","stage":"validate","time":"2026-01-01T00:00:00Z"}"# + "\n"
        try write(whole + String(whole.prefix(length)))
        do {
            let journal = try Journal(at: path)
            #expect(journal.progress.isFinished(.validate))
            try journal.append(.stageFinished, stage: .power)
        }
        let text = try String(contentsOfFile: path, encoding: .utf8)
        #expect(text.hasPrefix(whole + "{"))
        #expect(text.split(separator: "\n").count == 2)
        #expect(try Journal(at: path).progress.isFinished(.power))
    }

    @Test("with a broken line in the middle is refused with its place")
    func broken() throws {
        try write("nonsense\n" + #"{"event":"succeeded","time":"2026-01-01T00:00:00Z"}"# + "\n")
        let error = #expect(throws: DeployError.self) { try Journal(at: path) }
        #expect(error?.message.contains("journal.jsonl:1: not an entry") == true)
    }

    @Test("belongs to one engine at a time")
    func exclusive() throws {
        let journal = try Journal(at: path)
        let error = #expect(throws: DeployError.self) { try Journal(at: path) }
        #expect(error?.kind == .usage)
        withExtendedLifetime(journal) {}
    }

    @Test("of a node that is installed again no longer says that it is installed")
    func reinstalled() throws {
        let journal = try Journal(at: path)
        try journal.finish(.install, "installed", on: "ctl01")
        try journal.append(.recovery, stage: .install, node: "ctl01", step: "reboot", ntp: true)
        #expect(journal.progress.isFinished(.install, "installed", on: "ctl01"))
        try journal.append(.recovery, stage: .install, node: "ctl01", step: "reinstall", ntp: true)
        #expect(!journal.progress.isFinished(.install, "installed", on: "ctl01"))
        #expect(journal.progress.nodes["ctl01"]?.recoveries == 2)
    }
}
