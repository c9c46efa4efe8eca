import Foundation
import TestSupport
import Testing

@testable import IPMI

/// What the fuzzers found worth keeping; `make fuzz` looks for more.
@Suite("Whatever the fuzzers made up")
struct CorpusTests {
    private static func corpus(_ name: String) throws -> [[UInt8]] {
        let path = "\(Project.folder)/Tests/Fuzz/Corpus/\(name).hex"
        let lines = try String(contentsOfFile: path, encoding: .utf8).split(separator: "\n")
        return lines.map { line in
            var digits = Substring(line)
            var bytes: [UInt8] = []
            while let byte = UInt8(digits.prefix(2), radix: 16) {
                bytes.append(byte)
                digits = digits.dropFirst(2)
            }
            #expect(bytes.count * 2 == line.count)
            return bytes
        }
    }

    @Test("is decoded as what it is, or not at all")
    func datagrams() throws {
        let corpus = try Self.corpus("datagrams")
        #expect(corpus.count > 50)
        for bytes in corpus { try FuzzedDatagram().decode(bytes) }
    }

    @Test("leaves a BMC that answers, and has done nothing that it must not do")
    func sessions() throws {
        let corpus = try Self.corpus("sessions")
        #expect(corpus.count > 400)
        for program in corpus {
            let fuzzed = FuzzedBMC()
            #expect(throws: Never.self, "\(program)") {
                try fuzzed.run(program)
                try fuzzed.finish()
            }
        }
    }

    @Test("does not make a BMC grow that goes through all of it, again and again", arguments: 1...3)
    func growth(seed: UInt64) throws {
        var random = Seeded(seed)
        let fuzzed = FuzzedBMC()
        let corpus = try Self.corpus("sessions")
        for _ in 0..<3 {
            for program in corpus.shuffled(using: &random) { try fuzzed.run(program) }
        }
        #expect(fuzzed.packets > 5000)
        #expect(fuzzed.size < 50_000)
        try fuzzed.finish()
    }

    @Test("does not include success for power that was not switched")
    func lie() throws {
        // The watch itself is tried: a machine that says it is done and is not.
        let fuzzed = FuzzedBMC()
        #expect(throws: FuzzedBMC.Violation.self) { try fuzzed.pretend() }
    }
}
