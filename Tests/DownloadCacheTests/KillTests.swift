import Foundation
import Glibc
import LabModel
import SystemPackage
import Testing

@testable import DownloadCache

@Suite("A lab that is killed while it records", .serialized, .timeLimit(.minutes(3)))
struct KillTests {
    @Test("leaves a cache in which all is whole, and nothing that the next one does not clear away")
    func killed() async throws {
        try await ScratchCache.with { scratch in
            let folder = scratch.path.string
            var found = 0
            for seed in UInt64(1)...24 {
                try await Self.kill(folder, seed)
                let before = try scratch.care.verify()
                #expect(before.findings == [], "seed \(seed)")
                _ = try scratch.another()
                #expect(try scratch.names(scratch.folder.incoming) == [], "seed \(seed)")
                for listing in try scratch.care.list() {
                    found += 1
                    let text = try #require(try scratch.another().lookup(CacheRequest("GET", listing.url)))
                    #expect(try text.bytes() == KillTests.body(of: listing.url))
                }
                // Half of them go on with what the others left.
                if seed.isMultiple(of: 2) { try scratch.care.clearUp(limit: Memory(bytes: 0)) }
            }
            #expect(found > 20)
            #expect(
                try scratch.names(scratch.folder.blobs).flatMap {
                    try scratch.names(scratch.folder.blobs.appending($0))
                } == []
            )
        }
    }

    private static func kill(_ folder: String, _ seed: UInt64) async throws {
        try await #require(processExitsWith: .signal(SIGKILL)) {
            [folder = folder as String, seed = seed as UInt64] in
            await KillTests.recordUntilKilled(folder, seed: seed)
        }
    }

    /// In a process of its own: dies by its own hand, at a moment that it does not choose.
    private static func recordUntilKilled(_ folder: String, seed: UInt64) async {
        do {
            try await record(folder, seed: seed)
        } catch {
            fatalError("\(error)")
        }
    }

    private static func record(_ folder: String, seed: UInt64) async throws {
        var random = SeededRandom(seed)
        let cache = try DownloadCache(folder: FilePath(folder), limit: .mebibytes(2))
        // A slow machine records as much before its end as a quick one.
        var left = Int.random(in: 0...6, using: &random)
        let moment = UInt32.random(in: 0..<20_000, using: &random)
        while true {
            if left == 0 {
                Thread.detachNewThread {
                    usleep(moment)
                    Glibc.kill(getpid(), SIGKILL)
                }
            }
            let url = "http://a/\(Int.random(in: 0..<40, using: &random))"
            let request = CacheRequest("GET", url)
            guard case .yours(let recorder) = try cache.claim(request) else { continue }
            _ = try recorder.begin(status: 200, headers: [])
            let body = body(of: url)
            for start in stride(from: 0, to: body.count, by: 10_000) {
                try recorder.append(Array(body[start..<min(body.count, start + 10_000)]))
            }
            _ = try await recorder.finish()
            left -= 1
        }
    }

    /// What a URL answers: up to a fifth of a megabyte.
    private static func body(of url: String) -> [UInt8] {
        let number = UInt64(url.split(separator: "/").last ?? "") ?? 0
        return Array(repeating: [UInt8].pattern(1000, seed: number), count: Int(number) * 5).flatMap(\.self)
    }
}
