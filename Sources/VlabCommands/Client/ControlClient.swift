import AsyncHTTPClient
import Foundation
import Lab
import LabModel
import NIOCore
import NIOHTTP1

/// The command line's side of a lab's control socket.
struct ControlClient {
    let folder: LabFolder

    func status() async throws -> LabStatus {
        try JSONDecoder().decode(LabStatus.self, from: try await call(.GET, "status", limit: .seconds(10)))
    }

    func power(_ action: PowerAction, node: String) async throws {
        _ = try await call(.POST, "nodes/\(node)/power/\(action.rawValue)", limit: .seconds(60))
    }

    func type(_ bytes: [UInt8], node: String) async throws {
        _ = try await call(.POST, "nodes/\(node)/console", body: bytes, limit: .seconds(10))
    }

    func stop() async throws { _ = try await call(.POST, "stop", limit: .seconds(1)) }

    /// What the console said and says, until the lab ends or the task is cancelled.
    func console(of node: String, _ receive: ([UInt8]) async throws -> Void) async throws {
        let body = try await open(.GET, "nodes/\(node)/console")
        for try await chunk in body { try await receive(Array(chunk.readableBytesView)) }
    }

    /// Each event from now on, until the lab ends or the task is cancelled.
    func events(_ receive: (LabEvent) async throws -> Void) async throws {
        try await lines(of: try await open(.GET, "events"), receive)
    }

    /// Has the lab run a scenario; each event as it happens, the verdict last.
    func run(_ order: RunOrder, _ receive: (LabEvent) async throws -> Void) async throws {
        try await lines(
            of: try await open(.POST, "runs", body: Array(try JSONEncoder().encode(order))),
            receive
        )
    }

    private func lines(
        of body: HTTPClientResponse.Body,
        _ receive: (LabEvent) async throws -> Void
    ) async throws {
        var pending = Data()
        for try await chunk in body {
            pending.append(contentsOf: chunk.readableBytesView)
            while let end = pending.firstIndex(of: 0x0A) {
                let line = Data(pending[..<end])
                pending = Data(pending[(end + 1)...])
                // An empty line only says that the lab is still there.
                if !line.isEmpty { try await receive(try EventLog.decode(line)) }
            }
        }
    }

    private func call(
        _ method: HTTPMethod,
        _ path: String,
        body: [UInt8]? = nil,
        limit: TimeAmount
    ) async throws -> Data {
        let response = try await request(method, path, body: body, limit: limit)
        let answer = Data(try await response.body.collect(upTo: 16 << 20).readableBytesView)
        try check(response.status, String(decoding: answer, as: UTF8.self))
        return answer
    }

    private func open(
        _ method: HTTPMethod,
        _ path: String,
        body: [UInt8]? = nil
    ) async throws -> HTTPClientResponse.Body {
        let response = try await request(method, path, body: body, limit: .hours(24))
        if response.status != .ok {
            try check(response.status, String(buffer: try await response.body.collect(upTo: 1 << 20)))
        }
        return response.body
    }

    private func request(
        _ method: HTTPMethod,
        _ path: String,
        body: [UInt8]?,
        limit: TimeAmount
    ) async throws -> HTTPClientResponse {
        guard let url = URL(httpURLWithSocketPath: folder.controlSocket, uri: "/" + path) else {
            throw LabError(folder.name, "\(folder.controlSocket) is not a path for a socket")
        }
        var request = HTTPClientRequest(url: url.absoluteString)
        request.method = method
        if let body { request.body = .bytes(body) }
        return try await HTTPClient.shared.execute(request, timeout: limit)
    }

    private func check(_ status: HTTPResponseStatus, _ words: String) throws {
        guard (200..<300).contains(status.code) else {
            // The supervisor's words name their subject themselves.
            guard !words.isEmpty else { throw LabError(folder.name, "its supervisor answered \(status)") }
            throw Refusal(description: words)
        }
    }
}

/// Why a lab did not do what it was asked, in its own words.
struct Refusal: Error, CustomStringConvertible {
    let description: String
}
