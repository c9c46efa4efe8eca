import Foundation
import LabModel
import SystemPackage

@testable import DownloadCache

/// A cache in a folder of its own, and what tests do with it.
struct ScratchCache: Sendable {
    let path: FilePath
    let cache: DownloadCache

    static func with<Result>(
        limit: Memory = .gibibytes(1),
        _ body: (ScratchCache) async throws -> Result
    ) async throws -> Result {
        // In memory: each recording waits for the disk several times, and there are thousands.
        let folder = "/dev/shm/vlab-downloads-\(UUID().uuidString)"
        // What cannot be removed goes when the machine restarts.
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let path = FilePath(folder)
        return try await body(ScratchCache(path: path, cache: try DownloadCache(folder: path, limit: limit)))
    }

    var care: CacheCare { get throws { try CacheCare(folder: path) } }

    /// Another lab's view of the same folder.
    func another(limit: Memory = .gibibytes(1)) throws -> DownloadCache {
        try DownloadCache(folder: path, limit: limit)
    }

    func names(_ folder: FilePath) throws -> [String] { try Disk.names(in: folder) }
    var folder: CacheFolder { cache.folder }
}

extension DownloadCache {
    /// Fetches and records in one go, as far as the response is kept.
    @discardableResult
    func record(
        _ request: CacheRequest,
        status: Int = 200,
        headers: [HeaderField] = [],
        _ body: [UInt8]
    ) async throws -> Recorded? {
        guard case .yours(let recorder) = try claim(request) else { return try lookup(request) }
        guard try recorder.begin(status: status, headers: headers) != nil else { return nil }
        for start in stride(from: 0, to: body.count, by: 1 << 16) {
            try recorder.append(Array(body[start..<min(start + 1 << 16, body.count)]))
        }
        return try await recorder.finish()
    }

    @discardableResult
    func record(_ url: String, _ body: String) async throws -> Recorded? {
        try await record(CacheRequest("GET", url), Array(body.utf8))
    }

    func body(_ url: String) throws -> String? {
        try lookup(CacheRequest("GET", url))?.bytes().text
    }
}

extension Recorder {
    func append(_ bytes: [UInt8]) throws { unsafe try append(bytes.span.bytes) }
}

extension Recorded {
    func bytes() throws -> [UInt8] { try content.read(0..<response.size) }
}

extension [UInt8] {
    var text: String { String(decoding: self, as: UTF8.self) }

    /// Bytes in which every piece differs from every other, the same in every run.
    static func pattern(_ count: Int, seed: UInt64 = 1) -> [UInt8] {
        var random = SeededRandom(seed)
        return (0..<count).map { _ in UInt8(truncatingIfNeeded: random.next() >> 24) }
    }
}

/// The same numbers for the same seed (SplitMix64).
struct SeededRandom: RandomNumberGenerator {
    private var state: UInt64

    init(_ seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var value = state
        value = (value ^ (value >> 30)) &* 0xBF58_476D_1CE4_E5B9
        value = (value ^ (value >> 27)) &* 0x94D0_49BB_1331_11EB
        return value ^ (value >> 31)
    }
}
