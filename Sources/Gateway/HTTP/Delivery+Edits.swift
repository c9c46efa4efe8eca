import NIOCore
import NIOHTTP1

extension Delivery {
    /// As much of a file as is rewritten at once, so that its new length is known beforehand.
    private static let shortText = 1 << 20

    /// No more of the body than so many bytes, and a header that knows of no more.
    mutating func shorten(to count: Int) {
        switch body {
        case .nothing: break
        case .bytes(let buffer):
            body = .bytes(buffer.getSlice(at: buffer.readerIndex, length: count) ?? buffer)
        case .file(let file, let range):
            body = .file(file, range.lowerBound..<min(range.upperBound, range.lowerBound + count))
        case .stream(let stream):
            let rest = Countdown(count)
            body = .stream(
                Stream(length: count) {
                    guard let buffer = try await stream.next() else { return nil }
                    let allowed = rest.take(buffer.readableBytes)
                    return allowed == 0 ? nil : buffer.getSlice(at: buffer.readerIndex, length: allowed)
                }
            )
        }
        headers.remove(name: "Content-Length")
    }

    /// The body as another text, which an editor makes of it piece by piece: each of the old one, nil behind the last.
    ///
    /// Of a body that is not in memory nobody knows the new length before.
    mutating func rewrite(_ edit: @escaping @Sendable (ByteBuffer?) -> ByteBuffer) {
        switch body {
        case .nothing: return
        case .bytes(let buffer): body = .bytes(Self.whole(buffer, edit))
        case .file(let file, let range):
            // Should it not be readable, sending it will tell.
            if range.count <= Self.shortText, let buffer = try? file.read(range) {
                body = .bytes(Self.whole(buffer, edit))
            } else {
                body = .stream(Stream(of: file, range).rewritten(edit))
            }
        case .stream(let stream): body = .stream(stream.rewritten(edit))
        }
        headers.remove(name: "Content-Length")
    }

    private static func whole(_ buffer: ByteBuffer, _ edit: (ByteBuffer?) -> ByteBuffer) -> ByteBuffer {
        var whole = edit(buffer)
        whole.writeImmutableBuffer(edit(nil))
        return whole
    }
}

extension Delivery.Stream {
    private static let pieceSize = 256 << 10

    /// What is in a file, piece by piece.
    fileprivate init(of file: OpenFile, _ range: Range<Int>) {
        let rest = Countdown(range.count)
        self.init(length: range.count) {
            let count = rest.take(Self.pieceSize)
            guard count > 0 else { return nil }
            let start = range.upperBound - rest.rest - count
            return try file.read(start..<start + count)
        }
    }

    /// An editor may hold some of it back.
    fileprivate func rewritten(_ edit: @escaping @Sendable (ByteBuffer?) -> ByteBuffer) -> Self {
        let end = Countdown(1)
        return Self(length: nil) {
            while let piece = try await next() {
                let edited = edit(piece)
                if edited.readableBytes > 0 { return edited }
            }
            guard end.take(1) == 1 else { return nil }
            let rest = edit(nil)
            return rest.readableBytes > 0 ? rest : nil
        }
    }
}
