import AsyncHTTPClient
import Certificates
import Foundation
import Gateway
import Images
import LabModel
import NIOCore
import NIOHTTP1
import SystemPackage
import TestSupport
import Testing

@testable import VlabCommands

@Suite("The outside world of a lab", .timeLimit(.minutes(1)))
struct OutsideWorldTests {
    @Test("has the images that the lab began with, whatever is built meanwhile")
    func images() async throws {
        try await withScratchFolder { images in
            func build(_ name: String, _ digest: String) throws {
                let folder = "\(images)/\(name)"
                try FileManager.default.createDirectory(
                    atPath: "\(folder)/\(digest)",
                    withIntermediateDirectories: true
                )
                try Data(digest.utf8).write(to: URL(fileURLWithPath: "\(folder)/\(digest)/disk.img"))
                // Nil: there is none yet.
                try? FileManager.default.removeItem(atPath: "\(folder)/current")
                try FileManager.default.createSymbolicLink(
                    atPath: "\(folder)/current",
                    withDestinationPath: digest
                )
            }
            try build("micro", "first")
            let held = try HeldImage.all(in: FilePath(images))
            let gateway = try Gateway(
                GatewayConfiguration(
                    authority: CertificateAuthority(named: "test"),
                    origins: OutsideWorld.origins(images, held)
                ),
                events: { _ in }
            )
            try await withThrowingTaskGroup { group in
                group.addTask { try await gateway.run() }
                let port = try await gateway.ports.tcp
                func download(_ path: String) async throws -> String {
                    var request = HTTPClientRequest(url: "http://127.0.0.1:\(port)\(path)")
                    request.headers.add(name: "Host", value: OutsideWorld.mirrors[0])
                    let response = try await HTTPClient.shared.execute(request, timeout: .seconds(10))
                    return String(buffer: try await response.body.collect(upTo: 1 << 20))
                }
                #expect(try await download("/images/micro/current/disk.img") == "first")
                try build("micro", "second")
                try build("later", "new")
                #expect(try await download("/images/micro/current/disk.img") == "first")
                #expect(try await download("/images/micro/second/disk.img") == "second")
                #expect(try await download("/images/later/current/disk.img") == "new")
                group.cancelAll()
            }
        }
    }
}
