import Foundation
import Hummingbird
import Lab
import LabModel
import Logging
import Synchronization
import TestSupport
import Testing

@testable import VlabCommands

@Suite("The command line's end of a lab's control socket", .timeLimit(.minutes(1)))
struct ControlClientTests {
    /// A supervisor that says a word on each stream, then nothing for a second, then another.
    private func withSlowSupervisor(_ body: (ControlClient) async throws -> Void) async throws {
        let state = StateFolders(environment: ["XDG_STATE_HOME": "/tmp/v-\(UInt32.random(in: 0 ... .max))"])
        let folder = try LabFolder(name: "quiet", in: state)
        try FileManager.default.createDirectory(atPath: folder.path, withIntermediateDirectories: true)
        // What cannot be removed is left to the system's own clean-up of temporary files.
        defer {
            try? FileManager.default.removeItem(
                atPath: URL(fileURLWithPath: state.labs).deletingLastPathComponent()
                    .deletingLastPathComponent().path
            )
        }
        let router = Router()
        let slow = ResponseBody { writer in
            let word = ByteBuffer(bytes: LabEvent("word").json + [0x0A])
            try await writer.write(word)
            try await Task.sleep(for: .seconds(1))
            try await writer.write(word)
            try await writer.finish(nil)
        }
        router.get("events") { _, _ in Response(status: .ok, body: slow) }
        router.get("nodes/{node}/console") { _, _ in Response(status: .ok, body: slow) }
        router.post("runs") { _, _ in Response(status: .ok, body: slow) }
        var client = ControlClient(folder: folder)
        client.patience = .milliseconds(200)
        let (ready, isReady) = AsyncStream<Void>.makeStream()
        var logger = Logger(label: "test")
        logger.logLevel = .critical
        let server = Application(
            router: router,
            configuration: ApplicationConfiguration(address: .unixDomainSocket(path: folder.controlSocket)),
            onServerRunning: { _ in isReady.finish() },
            logger: logger
        )
        try await withThrowingTaskGroup { group in
            group.addTask { try await server.run() }
            for await _ in ready {}
            try await body(client)
            group.cancelAll()
        }
    }

    @Test("waits for the next event and for a console's next word, however long nothing happens")
    func quietLab() async throws {
        try await withSlowSupervisor { client in
            let heard = Mutex((events: 0, lines: 0))
            try await client.events { _ in heard.withLock { $0.events += 1 } }
            try await client.console(of: "ctl01") { bytes in
                heard.withLock { $0.lines += bytes.count { $0 == 0x0A } }
            }
            #expect(heard.withLock { $0 } == (2, 2))
        }
    }

    @Test("gives up a run that says nothing at all, and names the lab")
    func hungRun() async throws {
        try await withSlowSupervisor { client in
            let error = await #expect(throws: LabError.self) {
                let order = RunOrder(scenario: "/s.yml", folder: "/tmp", seed: nil, engine: nil, caller: "/")
                try await client.run(order) { _ in }
            }
            #expect(error?.description.hasPrefix("quiet: its supervisor gives no answer; ") == true)
        }
    }
}
