import Crypto
import DownloadCache
import Foundation
import LabModel
import SystemPackage

/// How long a recorded response is looked for among few and among many.
struct CacheLookup: Measurement {
    let name = "lookup"

    private static let (few, many) = (1000, 100_000)
    /// How many are looked for, each once: what was asked for lately is found without the disk.
    private static let questions = 2000
    private static let target = 2.0

    func measure(with bench: Bench) async throws -> [Figure] {
        let small = try await fill("\(bench.state)/few", Self.few)
        let large = try await fill("\(bench.state)/many", Self.many)
        var (own, floor): ([Double], [Double]) = ([], [])
        for _ in 0..<bench.runs {
            floor.append(try look(in: small, Self.few))
            own.append(try look(in: large, Self.many))
        }
        return [
            Figure(
                what: "a recorded response among \(Self.many)",
                value: own.median,
                unit: .microseconds,
                floor: floor.median,
                floorIs: "among \(Self.few)",
                target: "≤ \(Self.target) ×",
                isMet: own.median <= Self.target * floor.median,
                runs: own,
                notes: ["a new replay each time, on files that the kernel has in memory"]
            )
        ]
    }

    private static func url(_ number: Int) -> String { "http://files.example.org/pool/\(number).deb" }

    /// A cache of so many: one is recorded, the others are written as that one was.
    private func fill(_ path: String, _ count: Int) async throws -> String {
        let cache = try DownloadCache(folder: FilePath(path))
        guard case .yours(let recorder) = try cache.claim(CacheRequest("GET", Self.url(0))) else {
            throw BenchError("\(path) is not empty")
        }
        _ = try recorder.begin(status: 200, headers: [HeaderField("Content-Length", "5")])
        let content = [UInt8]("hello".utf8)
        unsafe try recorder.append(content.span.bytes)
        _ = try await recorder.finish()
        func hex(_ byte: UInt8) -> String { (byte < 16 ? "0" : "") + String(byte, radix: 16) }
        func place(_ number: Int) -> String {
            let question = ["GET", Self.url(number), "", "", ""].joined(separator: "\n")
            let key = SHA256.hash(data: Data(question.utf8)).map { hex($0) }.joined()
            return "\(path)/entries/\(key.prefix(2))/\(key).json"
        }
        let entry = try String(contentsOfFile: place(0), encoding: .utf8)
        for number in 1..<count {
            let url = URL(filePath: place(number))
            try FileManager.default.createDirectory(
                at: url.deletingLastPathComponent(),
                withIntermediateDirectories: true
            )
            try Data(entry.replacing(Self.url(0), with: Self.url(number)).utf8).write(to: url)
        }
        return path
    }

    /// For each in microseconds.
    private func look(in path: String, _ count: Int) throws -> Double {
        let cache = try DownloadCache(folder: FilePath(path))
        let step = count / min(count, Self.questions)
        let asked = stride(from: 0, to: count, by: step).map { CacheRequest("GET", Self.url($0)) }
        let start = ContinuousClock.now
        for request in asked {
            guard try cache.lookup(request) != nil else { throw BenchError("\(request.url) is not found") }
        }
        return (ContinuousClock.now - start).seconds / Double(asked.count) * 1e6
    }
}
