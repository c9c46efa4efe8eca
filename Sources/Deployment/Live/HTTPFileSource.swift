import AsyncHTTPClient
import Foundation
import LabModel
import NIOCore
import NIOHTTP1

/// Files over HTTP, with ranges.
package struct HTTPFileSource: FileSource {
    package init() {}

    package func fetch(_ url: String, to path: String, resume: Bool, rules: DownloadRules) async throws {
        var configuration = HTTPClient.Configuration()
        configuration.timeout.connect = rules.stall.map { TimeAmount($0) } ?? .seconds(10)
        configuration.timeout.read = rules.stall.map { TimeAmount($0) }
        let client = HTTPClient(configuration: configuration)
        do {
            try await fetch(url, to: path, resume: resume, rules: rules, client)
        } catch {
            try await client.shutdown()
            throw error
        }
        try await client.shutdown()
    }

    private func fetch(
        _ url: String,
        to path: String,
        resume: Bool,
        rules: DownloadRules,
        _ client: HTTPClient
    ) async throws {
        if !FileManager.default.fileExists(atPath: path) {
            guard FileManager.default.createFile(atPath: path, contents: nil) else {
                throw DeployError("\(path): cannot write", hint: "check space and permissions of --work")
            }
        }
        let file = try FileHandle(forUpdating: URL(fileURLWithPath: path))
        let have = resume ? try file.seekToEnd() : 0
        var request = HTTPClientRequest(url: url)
        if have > 0 { request.headers.add(name: "Range", value: "bytes=\(have)-") }
        let limit = rules.limit ?? .seconds(24 * 3600)
        let response = try await client.execute(request, timeout: TimeAmount(limit))
        switch response.status {
        case .partialContent where have > 0: break
        // All of it is here; the checksum tells.
        case .rangeNotSatisfiable where have > 0: return
        case .ok: try file.truncate(atOffset: 0)
        case let status: throw DeployError("\(url): HTTP \(status.code) \(status.reasonPhrase)")
        }
        for try await chunk in response.body { try file.write(contentsOf: chunk.readableBytesView) }
        try file.close()
    }
}
