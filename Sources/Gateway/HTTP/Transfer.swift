import LabModel
import NIOCore
import NIOHTTP1

/// Sends one delivery down a connection, piece by piece, each when the kernel has taken the one before.
struct Transfer: Sendable {
    /// How much of a file is read at once where the kernel cannot send it by itself.
    private static let readSize = 64 << 10

    private let channel: any Channel
    /// Whether files go from disk to socket without passing through this process: not where they are encrypted.
    private let sendsFiles: Bool
    private let clock = ContinuousClock()
    private let progress: Progress

    init(_ channel: any Channel, sendsFiles: Bool) {
        (self.channel, self.sendsFiles) = (channel, sendsFiles)
        progress = Progress(started: clock.now)
    }

    var record: Progress.Record { progress.record(at: clock.now) }

    /// Sends what needs neither time nor a second look, with one system call where it is small; nil for all else.
    func sendAtOnce(_ delivery: Delivery) -> EventLoopFuture<Void>? {
        guard delivery.flow.isPlain else { return nil }
        let (count, sent): (Int, EventLoopFuture<Void>)
        switch delivery.body {
        case .nothing:
            sent = channel.writeAndFlush(delivery.head)
            count = 0
        case .bytes(let body):
            count = body.readableBytes
            sent = channel.writeAndFlush(delivery.whole(body))
        case .file(let file, let range) where sendsFiles && range.count <= Pump.pieceSize:
            count = range.count
            channel.write(delivery.head, promise: nil)
            sent = channel.writeAndFlush(file.region(range))
        case .file, .stream: return nil
        }
        progress.begin(total: delivery.length)
        if count > 0 {
            sent.whenSuccess { [progress, clock] in progress.advance(by: count, at: clock.now) }
        }
        return sent
    }

    /// Throws when the client goes away, the task is cancelled, the body breaks off, or the flow cuts it (`Pump.Cut`).
    func send(_ delivery: Delivery, of url: String) async throws {
        if let sent = sendAtOnce(delivery) { return try await sent.get() }
        progress.begin(total: delivery.length)
        let head = delivery.head
        let isChunked = delivery.headers.first(name: "Transfer-Encoding") == "chunked"
        let headerLength = head.readableBytes
        // Counted down by what of the header has left: what is written after it is body.
        let header = Countdown(headerLength)
        var pump = Pump(delivery.flow, header: headerLength, channel: channel, url: url) { piece in
            let isBody = header.take(piece.count) == 0
            try await write(piece, isChunk: isChunked && isBody)
            if isBody { progress.advance(by: piece.count, at: clock.now) }
        }
        // All that is there already arrives at once, and is late but once.
        let arrived = NIODeadline.now()
        try await pump.send(.bytes(head), arrived: arrived)
        switch delivery.body {
        case .nothing: break
        case .bytes(let buffer): try await pump.send(.bytes(buffer), arrived: arrived)
        case .file(let file, let range): try await pump.send(.file(file, range), arrived: arrived)
        case .stream(let stream): try await pump.send(from: stream.next)
        }
        try await pump.finish()
        if isChunked { try await channel.writeAndFlush(ByteBuffer(string: "0\r\n\r\n")).get() }
    }

    private func write(_ piece: Pump.Piece, isChunk: Bool) async throws {
        // A chunk is its length in hexadecimal digits, its bytes, and an end of line (RFC 9112 §7.1).
        if isChunk {
            channel.write(ByteBuffer(string: String(piece.count, radix: 16) + "\r\n"), promise: nil)
        }
        switch piece {
        case .bytes(let buffer): channel.write(buffer, promise: nil)
        case .file(let file, let range) where sendsFiles:
            channel.write(file.region(range), promise: nil)
        case .file(let file, let range):
            var start = range.lowerBound
            while start < range.upperBound {
                let end = min(start + Self.readSize, range.upperBound)
                try await channel.writeAndFlush(file.read(start..<end)).get()
                start = end
            }
        }
        if isChunk { channel.write(ByteBuffer(string: "\r\n"), promise: nil) }
        try await channel.writeAndFlush(ByteBuffer()).get()
    }
}
