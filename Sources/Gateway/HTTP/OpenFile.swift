import Glibc
import NIOCore

/// A file of an origin, open for reading; closed with its last use.
final class OpenFile: Sendable {
    /// Why a path leads to no file.
    enum Failure: Error, Hashable, CustomStringConvertible {
        case missing
        case outside
        case notAFile
        case unreadable(code: CInt)

        var description: String {
            switch self {
            case .missing: "no such file"
            case .outside: "it leads out of the server's folder"
            case .notAFile: "it is not a file"
            case .unreadable(let code): String(cString: strerror(code))
            }
        }
    }

    let handle: NIOFileHandle
    let size: Int
    /// Unix time.
    let modified: Int
    /// Differs whenever the content may differ: also for two builds of one size at one second.
    let entityTag: String

    /// Follows symbolic links as far as they stay in the folder.
    ///
    /// `path` is relative and has no `..`.
    init(_ path: Substring, in folder: String) throws(Failure) {
        let root = try Self.resolve(folder)
        let resolved = try Self.resolve(folder + "/" + path)
        guard Self.contains(resolved, in: root) else { throw .outside }
        // Not blocking, should it be a FIFO; no link at the end, should it have changed since.
        let descriptor = open(resolved, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK)
        guard descriptor >= 0 else { throw errno == ENOENT ? .missing : .unreadable(code: errno) }
        var status = stat()
        // Where the descriptor really leads, whatever was moved since the path was resolved.
        guard fstat(descriptor, &status) == 0, let actual = try? Self.resolve("/proc/self/fd/\(descriptor)"),
            Self.contains(actual, in: root)
        else {
            close(descriptor)
            throw .outside
        }
        guard status.st_mode & S_IFMT == S_IFREG else {
            close(descriptor)
            throw .notAFile
        }
        handle = NIOFileHandle(_deprecatedTakingOwnershipOfDescriptor: descriptor)
        size = Int(status.st_size)
        modified = Int(status.st_mtim.tv_sec)
        let parts = [Int(status.st_ino), size, modified, Int(status.st_mtim.tv_nsec)]
        entityTag = "\"" + parts.map { String($0, radix: 16) }.joined(separator: "-") + "\""
    }

    deinit {
        // There is nobody to tell, and a file that was read has nothing to lose.
        try? handle.close()
    }

    /// The bytes of a range; fewer when the file has shrunk since.
    func read(_ range: Range<Int>) throws -> ByteBuffer {
        var buffer = ByteBuffer()
        _ = try handle.withUnsafeFileDescriptor { descriptor in
            buffer.writeWithUnsafeMutableBytes(minimumWritableBytes: range.count) { memory in
                max(0, pread(descriptor, memory.baseAddress, range.count, off_t(range.lowerBound)))
            }
        }
        return buffer
    }

    private static func resolve(_ path: String) throws(Failure) -> String {
        guard let resolved = realpath(path, nil) else {
            throw errno == ENOENT || errno == ENOTDIR || errno == ENAMETOOLONG
                ? .missing : .unreadable(code: errno)
        }
        defer { free(resolved) }
        return String(cString: resolved)
    }

    private static func contains(_ path: String, in root: String) -> Bool {
        path == root || path.hasPrefix(root == "/" ? "/" : root + "/")
    }
}
