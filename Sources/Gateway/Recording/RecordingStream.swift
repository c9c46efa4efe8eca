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
        let follower = follower()
        let position = Mutex(part?.lowerBound ?? 0)
        // Who has all that was announced need not wait until it is kept.
        let limit = part?.upperBound ?? length ?? .max
        return Delivery.Stream(length: part?.count ?? length) {
            let start = position.withLock { $0 }
            guard start < limit else { return nil }
            defer { withExtendedLifetime(follower) {} }
            let available: Int
            let progress = await self.progress(beyond: start) { leash.hold($0) }
            leash.letGo()
            if leash.isCut { throw CancellationError() }
            switch progress {
            case .growing(let count): available = count
            case .finished(let recorded): available = recorded.response.size
            case .failed(let error): throw UpstreamError.brokenOff("\(error)")
            }
            try Task.checkCancellation()
            let end = min(available, limit, start + Self.pieceSize)
            guard end > start else { return nil }
            position.withLock { $0 = end }
            return try file.read(start..<end)
        }
    }
}
