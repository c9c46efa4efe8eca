import AsyncHTTPClient
@testable import Deployment
import Foundation
import LabModel
import NIOCore
import NIOHTTP1
import Testing

@Suite("The engine's HTTP server")
struct InstallServerTests {
    /// Serves pod1 on a free port of the loopback interface while `body` asks it.
    private func whileServing(
        _ body:
            @Sendable @escaping (_ get: @Sendable (String) async throws -> (Int, String), _ desk: InstallDesk)
            async throws -> Void
    ) async throws {
        let scratch = try Scratch()
        let images = "\(scratch.path)/images/installer"
        try FileManager.default.createDirectory(atPath: images, withIntermediateDirectories: true)
        try Data("kernel".utf8).write(to: URL(fileURLWithPath: "\(images)/vmlinuz"))
        try Data("ramdisk".utf8).write(to: URL(fileURLWithPath: "\(images)/initrd.img"))
        let plan = try samplePlan()
        let policy = try PolicyReader.read(try PolicyReader.text(of: "default"), file: "default")
        let time = SystemTimekeeper()
        let log = DeployLog(time: time) { _ in }
        let journal = try Journal(at: "\(scratch.path)/journal.jsonl")
        let desk = InstallDesk(plan, policy: policy, journal: journal, log: log, time: time)
        let bundles = RoleBundle.all(for: plan.pod)
        let server = try InstallServer(
            BootSite(plan: plan, desk: desk, folder: scratch.path, bundles: bundles, log: log)
        )
        try await withThrowingTaskGroup(of: Void.self) { group in
            let (ports, continuation) = AsyncStream<Int>.makeStream()
            group.addTask {
                try await server.run(host: "127.0.0.1", port: 0) { continuation.yield($0) }
            }
            let port = try #require(await ports.first { _ in true })
            try await body(
                { path in
                    let request = HTTPClientRequest(url: "http://127.0.0.1:\(port)\(path)")
                    let response = try await HTTPClient.shared.execute(request, timeout: .seconds(10))
                    let text = String(buffer: try await response.body.collect(upTo: 1 << 20))
                    return (Int(response.status.code), text)
                },
                desk
            )
            group.cancelAll()
        }
        withExtendedLifetime(scratch) {}
    }

    @Test("leads a node from its first boot to its disk", .timeLimit(.minutes(1)))
    func wholeWay() async throws {
        try await whileServing { (get, desk) async throws in
            let mac = "44:a8:42:14:cd:0d"
            #expect(try await get("/boot.ipxe").1.contains("/boot/${netX/mac}"))
            // As iPXE writes it, and as others do.
            #expect(try await get("/boot/44%3Aa8%3A42%3A14%3Acd%3A0d").1.contains("vdeploy installs ctl01"))
            #expect(try await get("/boot/44-A8-42-14-CD-0D").1.contains("installer.config="))
            #expect(try await get("/boot/\(mac)/vmlinuz").1 == "kernel")
            #expect(try await get("/boot/\(mac)/initrd.img").1 == "ramdisk")
            #expect(try await get("/install/\(mac)").1.contains("NODE=ctl01\nNTP=yes\n"))
            #expect(try await get("/report/\(mac)?stage=start").0 == 200)
            #expect(try await get("/report/\(mac)?stage=download&detail=a%20b&percent=40").0 == 200)
            #expect(await desk.state(of: "ctl01")?.summary == "download 40%")
            #expect(try await get("/report/\(mac)?stage=done&detail=ctl01").0 == 200)
            #expect(await desk.state(of: "ctl01")?.phase == .rebooting)
            #expect(try await get("/boot/\(mac)").1.contains("sanboot"))
        }
    }

    @Test("refuses MACs that are not the pod's, and what makes no sense", .timeLimit(.minutes(1)))
    func refuses() async throws {
        try await whileServing { (get, desk) async throws in
            let stranger = "44:a8:42:00:00:01"
            for path in ["/boot/\(stranger)", "/install/\(stranger)", "/boot/\(stranger)/vmlinuz"] {
                #expect(try await get(path).0 == 403, "\(path)")
            }
            #expect(try await get("/report/\(stranger)?stage=done").0 == 403)
            #expect(try await get("/boot/nonsense").0 == 400)
            #expect(try await get("/report/44:a8:42:14:cd:0d?stage=lunch").0 == 400)
            #expect(try await get("/boot/44:a8:42:14:cd:0d/passwd").0 == 404)
            #expect(try await get("/bundles/..%2Fjournal.jsonl").0 == 404)
            #expect(await desk.state(of: "ctl01")?.phase == .waiting)
        }
    }

    @Test("hands out the roles' bundles", .timeLimit(.minutes(1)))
    func bundles() async throws {
        try await whileServing { (get, _) async throws in
            let (status, text) = try await get("/bundles/controller.tar")
            #expect(status == 200)
            #expect(text.contains("srv/vdeploy/controller/www/index.html"))
        }
    }
}
