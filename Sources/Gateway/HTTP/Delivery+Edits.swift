import NIOCore
import NIOHTTP1

extension Delivery {
    /// As much of a text as is ever held in memory to be rewritten; what is longer stays as it is.
    private static let longestText = 16 << 20

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

    /// The body as another text; one that comes piece by piece comes at once, and nobody knows its length before.
    mutating func rewrite(_ change: @escaping @Sendable ([UInt8]) -> [UInt8]) {
        guard length.map({ $0 <= Self.longestText }) ?? true else { return }
        switch body {
        case .nothing: return
        case .bytes(let buffer): body = .bytes(ByteBuffer(bytes: change(Array(buffer.readableBytesView))))
        case .file(let file, let range):
            // Should it not be readable, sending it will tell.
            guard let buffer = try? file.read(range) else { return }
            body = .bytes(ByteBuffer(bytes: change(Array(buffer.readableBytesView))))
        case .stream(let stream):
            let isDone = Countdown(1)
            body = .stream(
                Stream(length: nil) {
                    guard isDone.take(1) == 1 else { return nil }
                    var whole = ByteBuffer()
                    while let buffer = try await stream.next() { whole.writeImmutableBuffer(buffer) }
                    return ByteBuffer(bytes: change(Array(whole.readableBytesView)))
                }
            )
        }
        headers.remove(name: "Content-Length")
    }
}
