import NIOCore
import NIOHTTP1
import Synchronization

/// Files as answers; those that are small and asked for often from memory, after a look whether they have changed.
struct ServedFiles: Sendable {
    private final class Kept: Sendable {
        let contents: FileAnswer.Contents
        private let version: FileVersion
        /// When it was last seen to be that version, in nanoseconds.
        private let seen = Atomic(UInt64(0))

        /// How long nobody looks again: the next request of a crowd comes sooner.
        private static let moment: UInt64 = 1_000_000

        init(_ contents: FileAnswer.Contents, _ version: FileVersion) {
            (self.contents, self.version) = (contents, version)
        }

        /// Whether that is still what a path leads to.
        func isCurrent(at path: String) -> Bool {
            let now = NIODeadline.now().uptimeNanoseconds
            if now < seen.load(ordering: .relaxed) + Self.moment { return true }
            guard FileVersion(at: path) == version else { return false }
            seen.store(now, ordering: .relaxed)
            return true
        }
    }

    private let kept = RecentlyUsed<String, Kept>(room: 4 << 20)

    /// `path` is relative, and has no `..`.
    func answer(
        _ request: HTTPRequest,
        _ path: Substring,
        in folder: String
    ) throws(OpenFile.Failure) -> Delivery {
        var place = folder
        place += "/"
        place += path
        if let known = kept.find(place), known.isCurrent(at: place) {
            return FileAnswer(known.contents, to: request).delivery
        }
        let file = try OpenFile(path, in: folder)
        let headers: HTTPHeaders = [
            "Content-Type": Self.contentType(of: request.target.path), "ETag": file.version.entityTag,
            "Last-Modified": HTTPDate.text(file.version.modified),
        ]
        let about = FileAnswer.Description(size: file.size, headers: headers, source: .origin)
        // Should it not be readable, sending it will tell.
        if file.size <= FileAnswer.short, file.version.isSettled, let bytes = try? file.read(0..<file.size),
            bytes.readableBytes == file.size
        {
            let contents = FileAnswer.Contents(about, bytes)
            kept.keep(Kept(contents, file.version), as: place, bytes: contents.room)
        }
        return FileAnswer(about, file, to: request).delivery
    }

    private static func contentType(of path: String) -> String {
        let types = [
            "html": "text/html; charset=utf-8", "txt": "text/plain; charset=utf-8",
            "json": "application/json",
            "gz": "application/gzip", "xz": "application/x-xz",
        ]
        let name = path.split(separator: "/").last ?? ""
        return name.split(separator: ".").last.flatMap { types[$0.lowercased()] }
            ?? "application/octet-stream"
    }
}
