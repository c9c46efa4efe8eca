import AsyncHTTPClient
import Foundation
import Gateway
import Lab
import LabModel
import NIOCore
import NIOHTTP1
import PodSpec
import VirtualBMC

/// The command line's side of a lab's control socket.
struct ControlClient {
    let folder: LabFolder
    /// A run says something every second; one that is silent for as long as this has hung.
    var patience = Duration.seconds(60)

    func status() async throws -> LabStatus {
        try JSONDecoder().decode(LabStatus.self, from: try await call(.GET, "status", limit: .seconds(10)))
    }

    func power(_ action: PowerAction, node: String) async throws {
        _ = try await call(.POST, "nodes/\(node)/power/\(action.rawValue)", limit: .seconds(60))
    }

    func type(_ bytes: [UInt8], node: String) async throws {
        _ = try await call(.POST, "nodes/\(node)/console", body: bytes, limit: .seconds(10))
    }

    func bmcs() async throws -> [BMCStatus] {
        try JSONDecoder().decode([BMCStatus].self, from: try await call(.GET, "bmcs", limit: .seconds(10)))
    }

    /// Who answered ARP in the lab.
    func neighbours() async throws -> [SeenAddresses.Neighbour] {
        try JSONDecoder().decode(
            [SeenAddresses.Neighbour].self,
            from: try await call(.GET, "neighbours", limit: .seconds(10))
        )
    }

    func misbehave(_ order: MisbehaviourOrder, node: String) async throws {
        let body = Array(try JSONEncoder().encode(order))
        _ = try await call(.POST, "nodes/\(node)/bmc/misbehaviours", body: body, limit: .seconds(10))
    }

    /// What was taken back.
    func behave(_ kind: String?, node: String) async throws -> [String] {
        let path = "nodes/\(node)/bmc/misbehaviours" + (kind.map { "?kind=\($0)" } ?? "")
        return try JSONDecoder().decode(
            [String].self,
            from: try await call(.DELETE, path, limit: .seconds(10))
        )
    }

    func setUplink(_ mode: UplinkMode) async throws {
        _ = try await call(.PUT, "uplink/\(mode.rawValue)", limit: .seconds(20))
    }

    func net() async throws -> NetStatus {
        try JSONDecoder().decode(NetStatus.self, from: try await call(.GET, "net", limit: .seconds(10)))
    }

    /// Breaks something outside by hand; the rule as it was installed.
    func install(_ rule: Rule) async throws -> NetStatus.Installed {
        let body = Array(try JSONEncoder().encode(rule))
        return try JSONDecoder().decode(
            NetStatus.Installed.self,
            from: try await call(.POST, "net/rules", body: body, limit: .seconds(10))
        )
    }

    /// Heals what was broken by hand: one, or everything; which it was.
    func removeRules(_ id: String? = nil) async throws -> [String] {
        let query = id.flatMap { $0.addingPercentEncoding(withAllowedCharacters: .alphanumerics) }
        return try JSONDecoder().decode(
            [String].self,
            from: try await call(
                .DELETE,
                "net/rules" + (query.map { "?id=\($0)" } ?? ""),
                limit: .seconds(10)
            )
        )
    }

    func stop() async throws { _ = try await call(.POST, "stop", limit: .seconds(1)) }

    /// What the console said and says, until the lab ends or the task is cancelled.
    func console(of node: String, _ receive: ([UInt8]) async throws -> Void) async throws {
        try await read(.GET, "nodes/\(node)/console") { try await receive(Array($0.readableBytesView)) }
    }

    /// Each event from a place in their file on, else from now on, until the lab ends or the task is cancelled.
    func events(from place: Int? = nil, _ receive: (LabEvent) async throws -> Void) async throws {
        try await lines(.GET, "events" + (place.map { "?from=\($0)" } ?? ""), receive)
    }

    /// Has the lab run a scenario; each event as it happens, the verdict last.
    func run(_ order: RunOrder, _ receive: (LabEvent) async throws -> Void) async throws {
        try await lines(.POST, "runs", body: try JSONEncoder().encode(order), silence: patience, receive)
    }

    private func lines(
        _ method: HTTPMethod,
        _ path: String,
        body: Data? = nil,
        silence: Duration? = nil,
        _ receive: (LabEvent) async throws -> Void
    ) async throws {
        var pending = Data()
        try await read(method, path, body: body, silence: silence) { chunk in
            pending.append(contentsOf: chunk.readableBytesView)
            while let end = pending.firstIndex(of: 0x0A) {
                let line = Data(pending[..<end])
                pending = Data(pending[(end + 1)...])
                // An empty line only says that the lab is still there.
                if !line.isEmpty { try await receive(try EventLog.decode(line)) }
            }
        }
    }

    /// Reads an answer that goes on, with a client of its own: the shared one gives up on a lab where nothing happens.
    private func read(
        _ method: HTTPMethod,
        _ path: String,
        body: Data? = nil,
        silence: Duration? = nil,
        _ receive: (ByteBuffer) async throws -> Void
    ) async throws {
        var configuration = HTTPClient.Configuration()
        configuration.timeout.read = silence.map(TimeAmount.init)
        try await HTTPClient.withHTTPClient(configuration: configuration) { client in
            try await honest {
                let response = try await client.execute(request(method, path, body), timeout: .hours(24))
                if response.status != .ok {
                    try check(response.status, String(buffer: try await response.body.collect(upTo: 1 << 20)))
                }
                for try await chunk in response.body { try await receive(chunk) }
            }
        }
    }

    /// Says who did not answer, where the client says only that the time is over.
    private func honest<Answer>(_ ask: () async throws -> Answer) async throws -> Answer {
        do {
            return try await ask()
        } catch let error as HTTPClientError
            where [.readTimeout, .deadlineExceeded, .connectTimeout].contains(error)
        {
            throw LabError(
                folder.name,
                "its supervisor gives no answer",
                hint: "is the host overloaded? Its log: vlab logs \(folder.name) --supervisor"
                    + " End the lab with: vlab down \(folder.name)"
            )
        }
    }

    private func call(
        _ method: HTTPMethod,
        _ path: String,
        body: [UInt8]? = nil,
        limit: TimeAmount
    ) async throws -> Data {
        try await honest {
            let request = try request(method, path, body.map { Data($0) })
            let response = try await HTTPClient.shared.execute(request, timeout: limit)
            let answer = Data(try await response.body.collect(upTo: 16 << 20).readableBytesView)
            try check(response.status, String(decoding: answer, as: UTF8.self))
            return answer
        }
    }

    private func request(_ method: HTTPMethod, _ path: String, _ body: Data?) throws -> HTTPClientRequest {
        guard let url = URL(httpURLWithSocketPath: folder.controlSocket, uri: "/" + path) else {
            throw LabError(folder.name, "\(folder.controlSocket) is not a path for a socket")
        }
        var request = HTTPClientRequest(url: url.absoluteString)
        request.method = method
        if let body { request.body = .bytes(Array(body)) }
        return request
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
