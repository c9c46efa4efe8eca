import LabModel
import NIOCore
import NIOHTTP1

/// Sends one delivery down a connection, piece by piece, each when the kernel has taken the one before.
final class Transfer: Sendable {
    /// Large enough that the event loop's work does not show, small enough that a count of bytes means something.
    private static let pieceSize = 256 << 10

    let channel: any Channel
    let url: String
    private let clock = ContinuousClock()
    private let progress: Progress

    init(_ channel: any Channel, url: String) {
        (self.channel, self.url) = (channel, url)
        progress = Progress(started: clock.now)
    }

    var record: Progress.Record { progress.record(at: clock.now) }

    /// Throws when the client goes away or the task is cancelled.
    func send(_ delivery: Delivery) async throws {
        let head = HTTPResponseHead(version: .http1_1, status: delivery.status, headers: delivery.headers)
        progress.begin(total: delivery.length)
        if delivery.marks.isEmpty, case .bytes(let body) = delivery.body {
            channel.write(HTTPServerResponsePart.head(head), promise: nil)
            channel.write(HTTPServerResponsePart.body(.byteBuffer(body)), promise: nil)
            try await channel.writeAndFlush(HTTPServerResponsePart.end(nil)).get()
            return progress.advance(by: body.readableBytes, at: clock.now)
        }
        channel.write(HTTPServerResponsePart.head(head), promise: nil)
        var sent = 0
        for mark in delivery.marks where mark.offset <= delivery.length {
            try await send(delivery.body, sent..<mark.offset)
            if mark.offset == 0 { channel.flush() }
            sent = mark.offset
            await mark.act(self)
            try Task.checkCancellation()
        }
        try await send(delivery.body, sent..<delivery.length)
        try await channel.writeAndFlush(HTTPServerResponsePart.end(nil)).get()
    }

    private func send(_ body: Delivery.Body, _ part: Range<Int>) async throws {
        var offset = part.lowerBound
        while offset < part.upperBound {
            let end = min(offset + Self.pieceSize, part.upperBound)
            let piece: IOData
            switch body {
            case .nothing: return
            case .bytes(let buffer):
                guard let slice = buffer.getSlice(at: buffer.readerIndex + offset, length: end - offset)
                else { return }
                piece = .byteBuffer(slice)
            case .file(let file, let range):
                piece = .fileRegion(
                    FileRegion(
                        fileHandle: file.handle,
                        readerIndex: range.lowerBound + offset,
                        endIndex: range.lowerBound + end
                    )
                )
            }
            try await channel.writeAndFlush(HTTPServerResponsePart.body(piece)).get()
            progress.advance(by: end - offset, at: clock.now)
            offset = end
        }
    }

    /// Stands still until the claim's rule is healed, the time is up or the client has left.
    func hold(for claim: Claim, atMost limit: Duration?) async {
        let hold = Hold()
        claim.rule.keep(hold)
        let timer = limit.map { limit in
            channel.eventLoop.scheduleTask(in: TimeAmount(limit)) { hold.release(.elapsed) }
        }
        channel.closeFuture.whenComplete { _ in hold.release(.clientLeft) }
        _ = await hold.wait()
        timer?.cancel()
        claim.rule.forget(hold)
    }
}
