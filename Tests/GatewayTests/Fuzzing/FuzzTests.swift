import Foundation
import NIOCore
import TestSupport
import Testing

@testable import Gateway

/// What the fuzzer found worth keeping, and a little more of the kind; `make fuzz` looks for more.
@Suite("Whatever a client sends")
struct FuzzTests {
    private static func corpus() throws -> [[UInt8]] {
        let path = "\(Project.folder)/Tests/Fuzz/Corpus/requests.hex"
        return try String(contentsOfFile: path, encoding: .utf8).split(separator: "\n").map {
            Array(hex(String($0)).readableBytesView)
        }
    }

    @Test("is read as what it is, or not at all")
    func corpus() throws {
        let corpus = try Self.corpus()
        #expect(corpus.count > 10)
        for bytes in corpus { try FuzzedRequest().read(bytes) }
    }

    @Test("is read so when it is broken, too", arguments: UInt64(0)..<4)
    func broken(seed: UInt64) throws {
        let corpus = try Self.corpus()
        var random = Seeded(seed)
        for _ in 0..<500 {
            var bytes = try #require(corpus.randomElement(using: &random))
            for _ in 0..<Int.random(in: 1...4, using: &random) where !bytes.isEmpty {
                let place = Int.random(in: 0..<bytes.count, using: &random)
                switch Int.random(in: 0..<4, using: &random) {
                case 0: bytes[place] = UInt8.random(in: 0...255, using: &random)
                case 1: bytes.remove(at: place)
                case 2: bytes.insert(contentsOf: bytes.suffix(from: place), at: place)
                default: bytes[place] ^= 0x20
                }
            }
            #expect(throws: Never.self, "\(bytes)") { try FuzzedRequest().read(Array(bytes.prefix(600))) }
        }
    }
}
