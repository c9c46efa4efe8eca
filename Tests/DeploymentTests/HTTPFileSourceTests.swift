import Deployment
import Foundation
import Hummingbird
import HTTPTypes
import LabModel
import Logging
import NIOCore
import Testing

@Suite("A file from a mirror", .timeLimit(.minutes(5)))
struct HTTPFileSourceTests {
    private static let contents = Array((0..<100_000).map { UInt8(truncatingIfNeeded: $0 &* 7) })

    /// A mirror on the loopback interface that stalls for ever in the middle of whole downloads.
    private func withMirror(_ body: @Sendable @escaping (_ url: String) async throws -> Void) async throws {
        let router = Router()
        router.get("whole") { request, _ in
            if let range = request.headers[.range], let first = Int(range.filter(\.isNumber)) {
                guard first < Self.contents.count else { return Response(status: .rangeNotSatisfiable) }
                let rest = ByteBuffer(bytes: Self.contents[first...])
                return Response(status: .partialContent, body: .init(byteBuffer: rest))
            }
            return Response(status: .ok, body: .init(byteBuffer: ByteBuffer(bytes: Self.contents)))
        }
        router.get("stalls") { _, _ in
            Response(
                status: .ok,
                body: .init { writer in
                    try await writer.write(ByteBuffer(bytes: Self.contents.prefix(30_000)))
                    try await Task.sleep(for: .seconds(600))
                }
            )
        }
        let (ports, continuation) = AsyncStream<Int>.makeStream()
        let application = Application(
            router: router,
            configuration: .init(address: .hostname("127.0.0.1", port: 0)),
            onServerRunning: { continuation.yield($0.localAddress?.port ?? 0) },
            logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
        )
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await application.runService(gracefulShutdownSignals: []) }
            let port = try #require(await ports.first { _ in true })
            try await body("http://127.0.0.1:\(port)")
            group.cancelAll()
        }
    }

    /// Whoever answers does so in that time, however busy the machine is.
    private func rules(stall: Duration = .seconds(50)) throws -> DownloadRules {
        var rules = try PolicyReader.read(try PolicyReader.text(of: "default"), file: "default").download
        rules.stall = stall
        return rules
    }

    @Test("that stalls fails its try in time, and the next goes on behind what came")
    func resumes() async throws {
        let (scratch, rules) = (try Scratch(), try rules())
        let path = "\(scratch.path)/file"
        try await withMirror { url in
            // On a busy machine what came before the stall may itself be late for the shortest patience.
            var patience = Duration.milliseconds(300)
            repeat {
                let rules = try self.rules(stall: patience)
                await #expect(throws: (any Error).self) {
                    try await HTTPFileSource().fetch("\(url)/stalls", to: path, resume: true, rules: rules)
                }
                patience *= 2
            } while FileManager.default.contents(atPath: path)?.count != 30_000 && patience < .seconds(20)
            #expect(FileManager.default.contents(atPath: path)?.count == 30_000)
            try await HTTPFileSource().fetch("\(url)/whole", to: path, resume: true, rules: rules)
            #expect(FileManager.default.contents(atPath: path) == Data(Self.contents))
            // Once it is whole there is nothing to fetch.
            try await HTTPFileSource().fetch("\(url)/whole", to: path, resume: true, rules: rules)
            #expect(FileManager.default.contents(atPath: path) == Data(Self.contents))
        }
        withExtendedLifetime(scratch) {}
    }

    @Test("is fetched from the start when the policy does not resume")
    func anew() async throws {
        let (scratch, rules) = (try Scratch(), try rules())
        let path = "\(scratch.path)/file"
        try Data("something else that is longer".utf8).write(to: URL(fileURLWithPath: path))
        try await withMirror { url in
            try await HTTPFileSource().fetch("\(url)/whole", to: path, resume: false, rules: rules)
        }
        #expect(FileManager.default.contents(atPath: path) == Data(Self.contents))
    }

    @Test("that is not there fails with its address and status")
    func missing() async throws {
        let (scratch, rules) = (try Scratch(), try rules())
        try await withMirror { url in
            let error = await #expect(throws: DeployError.self) {
                try await HTTPFileSource().fetch(
                    "\(url)/nothing",
                    to: "\(scratch.path)/file",
                    resume: true,
                    rules: rules
                )
            }
            #expect(error?.message.hasSuffix("/nothing: HTTP 404 Not Found") == true)
        }
    }
}
