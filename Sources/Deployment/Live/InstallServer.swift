import Foundation
import HTTPTypes
import Hummingbird
import LabModel
import Logging
import NIOCore

/// The engine's HTTP server: boot scripts, the installer, its configuration, its reports, and the roles' bundles.
package struct InstallServer: Sendable {
    private let desk: InstallDesk
    private let kernel: ByteBuffer
    private let ramdisk: ByteBuffer
    private let chain: String
    private let bundles: [String: ByteBuffer]
    private let log: DeployLog

    package init(_ site: BootSite) throws {
        (desk, log) = (site.desk, site.log)
        chain = BootScript.chain(server: site.plan.server)
        kernel = try Self.read("\(site.folder)/images/installer/vmlinuz")
        ramdisk = try Self.read("\(site.folder)/images/installer/initrd.img")
        bundles = Dictionary(
            uniqueKeysWithValues: site.bundles.map { ($0.file, ByteBuffer(bytes: $0.archive)) }
        )
    }

    private static func read(_ path: String) throws -> ByteBuffer {
        ByteBuffer(bytes: try Data(contentsOf: URL(fileURLWithPath: path)))
    }

    /// Serves until it is cancelled; `ready` is called with the port once it listens.
    package func run(host: String, port: Int, ready: @escaping @Sendable (Int) async -> Void) async throws {
        let application = Application(
            router: router,
            configuration: .init(address: .hostname(host, port: port), serverName: "vdeploy"),
            onServerRunning: { await ready($0.localAddress?.port ?? port) },
            logger: Logger(label: "vdeploy.http") { _ in SwiftLogNoOpLogHandler() }
        )
        try await application.runService(gracefulShutdownSignals: [])
    }

    private var router: Router<BasicRequestContext> {
        let router = Router()
        router.get("boot.ipxe") { _, _ in Self.text(chain) }
        router.get("boot/:mac") { _, context in
            try await answer(context) { try await desk.bootScript(for: $0) }
        }
        router.get("boot/:mac/:file") { _, context in try await file(context) }
        router.get("install/:mac") { _, context in
            try await answer(context) { try await desk.configuration(for: $0) }
        }
        router.get("report/:mac") { request, context in
            let report = try Self.report(request)
            return try await answer(context) { try await desk.report(report, from: $0) ? "ok\n" : nil }
        }
        router.get("bundles/:file") { _, context in
            guard let bundle = bundles[try context.parameters.require("file")] else {
                throw HTTPError(.notFound)
            }
            return Self.bytes(bundle)
        }
        return router
    }

    private func mac(_ context: BasicRequestContext) throws -> MACAddress {
        // iPXE escapes colons; others write dashes.
        let text = try context.parameters.require("mac")
        let plain = (text.removingPercentEncoding ?? text).split(separator: "-").joined(separator: ":")
        guard let mac = MACAddress(plain) else {
            throw HTTPError(.badRequest, message: "not a MAC address\n")
        }
        return mac
    }

    /// A text for a node of the pod; others are refused.
    private func answer(
        _ context: BasicRequestContext,
        _ body: (MACAddress) async throws -> String?
    ) async throws -> Response {
        let mac = try mac(context)
        guard let text = try await body(mac) else { throw refused(mac) }
        return Self.text(text)
    }

    private func file(_ context: BasicRequestContext) async throws -> Response {
        let name = try context.parameters.require("file")
        let buffers = ["vmlinuz": kernel, "initrd.img": ramdisk]
        guard let buffer = buffers[name] else { throw HTTPError(.notFound) }
        let mac = try mac(context)
        guard try await desk.noteFetch(of: name, by: mac) else { throw refused(mac) }
        return Self.bytes(buffer)
    }

    private func refused(_ mac: MACAddress) -> HTTPError {
        log.say("refused \(mac), which is no node of this pod", .install)
        return HTTPError(.forbidden, message: "\(mac) is no node of this pod\n")
    }

    private static func report(_ request: Request) throws -> InstallReport {
        let query = request.uri.queryParameters
        guard let stage = query["stage"].flatMap({ InstallReport.Stage(rawValue: String($0)) }) else {
            throw HTTPError(.badRequest, message: "no such stage\n")
        }
        let printable = String(query["detail"] ?? "").filter { $0.isASCII && !$0.isNewline }.prefix(300)
        let percent = query["percent"].flatMap { Int($0) }.map { min(max($0, 0), 100) }
        return InstallReport(stage, detail: String(printable), percent: percent)
    }

    private static func text(_ text: String) -> Response {
        Response(
            status: .ok,
            headers: [.contentType: "text/plain"],
            body: .init(byteBuffer: ByteBuffer(string: text))
        )
    }

    private static func bytes(_ buffer: ByteBuffer) -> Response {
        Response(
            status: .ok,
            headers: [.contentType: "application/octet-stream"],
            body: .init(byteBuffer: buffer)
        )
    }
}
