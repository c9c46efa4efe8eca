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

        init(_ code: CInt) {
            self = [ENOENT, ENOTDIR, ENAMETOOLONG].contains(code) ? .missing : .unreadable(code: code)
        }
    }

    /// `O_PATH` of <fcntl.h>, which glibc shows to GNU programs only.
    private static let pathOnly: CInt = 0o10000000

    let handle: NIOFileHandle
    let version: FileVersion
    var size: Int { version.size }

    /// Follows symbolic links as far as they stay in the folder.
    ///
    /// `path` is relative and has no `..`. Nothing is opened for reading before it is known where it really is: a
    /// device or a FIFO does things when it is opened.
    convenience init(_ path: Substring, in folder: String) throws(Failure) {
        let place = open(folder + "/" + path, Self.pathOnly | O_CLOEXEC)
        guard place >= 0 else { throw Failure(errno) }
        defer { close(place) }
        guard let root = realpath(folder, nil) else { throw Failure(errno) }
        defer { free(root) }
        guard let actual = Self.path(of: place), Self.contains(actual, in: String(cString: root)) else {
            throw .outside
        }
        var status = stat()
        guard fstat(place, &status) == 0 else { throw Failure(errno) }
        guard status.st_mode & S_IFMT == S_IFREG else { throw .notAFile }
        // The very file that was looked at, whatever its name leads to by now.
        let descriptor = open("/proc/self/fd/\(place)", O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw Failure(errno) }
        self.init(taking: descriptor, status)
    }

    /// One that somebody else has open, who may close it before this is closed.
    convenience init(duplicating original: CInt) throws(Failure) {
        let descriptor = fcntl(original, F_DUPFD_CLOEXEC, 0)
        guard descriptor >= 0 else { throw Failure(errno) }
        var status = stat()
        guard fstat(descriptor, &status) == 0 else {
            let code = errno
            close(descriptor)
            throw Failure(code)
        }
        self.init(taking: descriptor, status)
    }

    private init(taking descriptor: CInt, _ status: stat) {
        handle = NIOFileHandle(_deprecatedTakingOwnershipOfDescriptor: descriptor)
        version = FileVersion(status)
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

    /// A range as the kernel is to send it.
    func region(_ range: Range<Int>) -> IOData {
        .fileRegion(FileRegion(fileHandle: handle, readerIndex: range.lowerBound, endIndex: range.upperBound))
    }

    /// Where a descriptor leads, without any link on the way.
    private static func path(of descriptor: CInt) -> String? {
        withUnsafeTemporaryAllocation(of: CChar.self, capacity: Int(PATH_MAX)) { buffer in
            guard let start = buffer.baseAddress else { return nil }
            let length = readlink("/proc/self/fd/\(descriptor)", start, buffer.count)
            guard length > 0 else { return nil }
            return String(decoding: UnsafeRawBufferPointer(buffer)[..<length], as: UTF8.self)
        }
    }

    private static func contains(_ path: String, in root: String) -> Bool {
        path == root || path.hasPrefix(root == "/" ? "/" : root + "/")
    }
}
