import DownloadCache
import NIOCore
import Synchronization

extension Recording {
    /// As much as is read at once.
    private static let pieceSize = 256 << 10

    /// A part of what is being recorded, each piece as soon as it has come; all of it when no part is named.
    ///
    /// Throws that the task was cancelled when the client leaves while it waits.
    func stream(_ part: Range<Int>?, of file: OpenFile, _ leash: Leash) -> Delivery.Stream {
        let follower = follower(from: part?.lowerBound ?? 0)
        let position = Mutex(part?.lowerBound ?? 0)
        // Who has all that was announced need not wait until it is kept.
        let limit = part?.upperBound ?? length ?? .max
        return Delivery.Stream(length: part?.count ?? length) {
            let start = position.withLock { $0 }
            guard start < limit else {
                follower.hasRead(upTo: .max)
                return nil
            }
            let available: Int
            let progress = await self.progress(beyond: start) { leash.hold($0) }
            leash.letGo()
            if leash.isCut { throw CancellationError() }
            switch progress {
            case .growing(let count): available = count
            case .finished(let recorded): available = recorded.response.size
            case .passed(let count): available = count
            case .failed(let error): throw UpstreamError.brokenOff("\(error)")
            }
            try Task.checkCancellation()
            let end = min(available, limit, start + Self.pieceSize)
            guard end > start else { return nil }
            let held = follower.held(start..<end)
            let piece = try held.map { ByteBuffer(bytes: $0) } ?? file.read(start..<end)
            // What cannot be written was there for those only who had come by then.
            guard piece.readableBytes > 0 else {
                throw UpstreamError.brokenOff("it is not kept, and its beginning is gone")
            }
            let next = start + piece.readableBytes
            position.withLock { $0 = next }
            follower.hasRead(upTo: next)
            return piece
        }
    }
}
