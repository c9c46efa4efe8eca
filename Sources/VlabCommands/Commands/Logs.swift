import ArgumentParser
import Foundation
import Glibc
import Lab
import LabModel

struct Logs: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Show what happened in a lab.",
        discussion: """
            Examples:
              vlab logs pod1                     the events so far
              vlab logs pod1 --follow            and those that come
              vlab logs pod1 --console ctl01     all that a node's console said
              vlab logs pod1 --supervisor        the lab's own log
            """
    )
    @Argument(help: "The lab's name.") var lab: String
    @Flag(name: .shortAndLong, help: "Go on with what comes.") var follow = false
    @Option(help: "A node's console instead.") var console: String?
    @Flag(help: "The supervisor's log instead.") var supervisor = false
    @Option(help: "table or json.") var format: OutputFormat = .table

    func run() async throws {
        let folder = try LabFolder(name: lab, in: StateFolders())
        guard folder.exists else {
            throw LabError(lab, "there is no such lab", hint: "vlab list shows all")
        }
        if let console { return try copy(folder.console(of: console)) }
        if supervisor { return try copy(folder.supervisorLog) }
        let text = try Data(contentsOf: URL(fileURLWithPath: folder.events))
        // What is being written at this moment comes whole to who follows.
        let whole = text.prefix(text.lastIndex(of: 0x0A).map { $0 + 1 } ?? 0)
        for line in whole.split(separator: 0x0A) { show(try EventLog.decode(line)) }
        if follow { try await ControlClient(folder: folder).events(from: whole.count, show) }
    }

    private func show(_ event: LabEvent) {
        switch format {
        case .table: print(EventLine(event).text)
        // An event that came from JSON goes back to it.
        case .json: print(String(decoding: event.json, as: UTF8.self))
        }
        // Seen at once, also in a pipe or a file.
        if follow { fflush(nil) }
    }

    private func copy(_ path: String) throws {
        try FileHandle.standardOutput.write(contentsOf: Data(contentsOf: URL(fileURLWithPath: path)))
    }
}
