import LabModel
import NIOCore
import NIOEmbedded
import NIOHTTP1

@testable import Gateway

/// Any bytes, taken for each thing that the gateway reads from a client; what can be read must be what it says it is.
struct FuzzedRequest {
    /// A reader returned what was not there, or what must not be there.
    struct Violation: Error, CustomStringConvertible {
        let description: String
        init(_ description: String) { self.description = description }
    }

    private let names = NameServer(nodes: ["ctl01": IPv4Address(bits: 0x0A14_0032)], outside: OutsideNames())

    func read(_ bytes: [UInt8]) throws {
        try readGreeting(bytes)
        try readHello(bytes)
        try readRequests(bytes)
        try readRange(String(decoding: bytes, as: UTF8.self))
        try readQuestion(bytes)
        try readTime(bytes)
    }

    /// What is clear from the beginning stays clear, however many bytes follow.
    private func readGreeting(_ bytes: [UInt8]) throws {
        var seen: Greeting?
        for count in 0...min(bytes.count, 64) {
            let now = Greeting(ByteBuffer(bytes: bytes.prefix(count)).readableBytesView)
            if let seen, now != seen { throw Violation("\(seen) became \(String(describing: now))") }
            seen = now
        }
    }

    /// In one piece as in many.
    private func readHello(_ bytes: [UInt8]) throws {
        func read(_ pieces: [ByteBuffer]) -> Result<ClientHello?, ClientHelloRefusal> {
            var reader = ClientHelloReader()
            do {
                for piece in pieces {
                    if let hello = try reader.receive(piece) { return .success(hello) }
                }
                return .success(nil)
            } catch {
                return .failure(error)
            }
        }
        guard read([ByteBuffer(bytes: bytes)]) == read(bytes.map { ByteBuffer(bytes: [$0]) }) else {
            throw Violation("a ClientHello depends on how it was cut")
        }
    }

    private struct Reading: Equatable {
        var heads: [HTTPRequestHead] = []
        var bodyBytes = 0
        var ends = 0
        var isBroken = false
    }

    private func readRequests(_ bytes: [UInt8]) throws {
        let whole = try parse([ByteBuffer(bytes: bytes)])
        guard whole == (try parse(bytes.map { ByteBuffer(bytes: [$0]) })) else {
            throw Violation("requests depend on how they were cut")
        }
        guard whole.bodyBytes <= bytes.count else { throw Violation("more body than bytes") }
        for head in whole.heads {
            if head.headers.contains(name: "Content-Length"), head.headers.contains(name: "Transfer-Encoding")
            {
                throw Violation("a body has two lengths")
            }
            // Most targets are none.
            guard let target = try? RequestTarget(head, server: nil) else { continue }
            let segments = target.path.split(separator: "/")
            let staysInside = !segments.contains("..") && !target.path.utf8.contains(0)
            guard target.path.hasPrefix("/"), target.raw.hasPrefix("/"), !target.isProper || staysInside,
                !target.host.isEmpty,
                target.host.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F && $0 != UInt8(ascii: "/") })
            else { throw Violation("a target leads out: \(target)") }
        }
    }

    private func parse(_ pieces: [ByteBuffer]) throws -> Reading {
        let channel = EmbeddedChannel()
        var limits = NIOHTTPDecoderLimitConfiguration()
        limits.maxHeaderFieldSize = 512
        limits.maxHeaderListSize = 1024
        limits.maxHeaderFieldCount = 10
        try channel.pipeline.syncOperations.addHandler(
            ByteToMessageHandler(HTTPRequestDecoder(limitConfiguration: limits))
        )
        var reading = Reading()
        for piece in pieces where !reading.isBroken {
            do {
                try channel.writeInbound(piece)
            } catch {
                reading.isBroken = true
            }
            while let part = try channel.readInbound(as: HTTPServerRequestPart.self) {
                switch part {
                case .head(let head): reading.heads.append(head)
                case .body(let body): reading.bodyBytes += body.readableBytes
                case .end: reading.ends += 1
                }
            }
        }
        // What is left over in a broken one is nobody's any more.
        _ = try? channel.finish(acceptAlreadyClosed: true)
        return reading
    }

    private func readRange(_ field: String) throws {
        for size in [0, 1, 10, 1 << 40] {
            guard case .part(let part) = ByteRange(field, size: size) else { continue }
            guard !part.isEmpty, part.lowerBound >= 0, part.upperBound <= size else {
                throw Violation("\(part) of \(size) bytes")
            }
        }
    }

    private func readQuestion(_ bytes: [UInt8]) throws {
        // Most bytes are no question.
        guard let query = try? DNSQuery(ByteBuffer(bytes: bytes)) else { return }
        let answer = names.answer(to: query).bytes(to: query)
        guard answer.readableBytes <= 600, answer.getInteger(at: 0, as: UInt16.self) == query.id,
            answer.getInteger(at: 2, as: UInt16.self).map({ $0 & 0x8000 }) == 0x8000
        else { throw Violation("no answer to \(query.text)") }
        let question = query.name.reduce(0) { $0 + $1.count + 1 } + 5
        guard answer.getBytes(at: 12, length: question) == Array(bytes[12..<12 + question]) else {
            throw Violation("the question came back as another one")
        }
    }

    private func readTime(_ bytes: [UInt8]) throws {
        guard case .reply(let reply) = NTPServer().answer(ByteBuffer(bytes: bytes)) else { return }
        guard reply.bytes.readableBytes == 48,
            reply.bytes.getBytes(at: 24, length: 8) == Array(bytes[40..<48])
        else { throw Violation("an answer to nobody's question") }
    }
}
