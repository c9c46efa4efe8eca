import Foundation
import SystemPackage

/// A file that is open, and closed with its last use: what removes it from its folder hurts no reader.
package final class CachedFile: Sendable {
    let descriptor: FileDescriptor
    /// The descriptor's, which is not to be closed.
    package var number: CInt { descriptor.rawValue }

    init(taking descriptor: FileDescriptor) { self.descriptor = descriptor }

    /// Nothing can be done when it fails, and everything was written before.
    deinit { try? descriptor.close() }

    /// Bytes at a place; fewer at the end of the file.
    package func read(_ part: Range<Int>) throws(DownloadCacheError) -> [UInt8] {
        do {
            var bytes = [UInt8](repeating: 0, count: part.count)
            let count = try unsafe bytes.withUnsafeMutableBytes { buffer in
                var count = 0
                while count < buffer.count {
                    let rest = unsafe UnsafeMutableRawBufferPointer(rebasing: buffer[count...])
                    let place = Int64(part.lowerBound + count)
                    let read = unsafe try descriptor.read(fromAbsoluteOffset: place, into: rest)
                    if read == 0 { break }
                    count += read
                }
                return count
            }
            return count == bytes.count ? bytes : Array(bytes.prefix(count))
        } catch {
            throw .fileSystem(action: "read", path: "a recorded response", reason: "\(error)")
        }
    }
}

/// A recorded response that is ready to be served.
package struct Recorded: Sendable {
    /// `HEAD` where only the header was recorded.
    package let method: String
    package let url: String
    package let response: CachedResponse
    package let content: CachedFile
}
