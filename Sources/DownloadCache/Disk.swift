import Foundation
import SystemPackage

/// Files and folders, with errors that name the path.
enum Disk {
    static func open(
        _ path: FilePath,
        _ mode: FileDescriptor.AccessMode,
        _ options: FileDescriptor.OpenOptions
    ) throws(DownloadCacheError) -> CachedFile {
        do {
            return CachedFile(
                taking: try FileDescriptor.open(
                    path,
                    mode,
                    options: options,
                    permissions: [.ownerReadWrite, .groupRead, .otherRead]
                )
            )
        } catch {
            throw .fileSystem(action: "open", path: path, reason: "\(error)")
        }
    }

    /// Nil when there is none.
    static func openIfThere(_ path: FilePath) throws(DownloadCacheError) -> CachedFile? {
        do {
            return CachedFile(taking: try FileDescriptor.open(path, .readOnly, options: .closeOnExec))
        } catch Errno.noSuchFileOrDirectory {
            return nil
        } catch {
            throw .fileSystem(action: "open", path: path, reason: "\(error)")
        }
    }

    /// The whole file; nil when there is none.
    static func contents(_ path: FilePath) throws(DownloadCacheError) -> Data? {
        guard let file = try openIfThere(path) else { return nil }
        return Data(try file.read(0..<(try status(file, path).size)))
    }

    /// What the system knows of a file.
    struct Status: Hashable, Sendable {
        let size: Int
        /// Nanoseconds of Unix time: much is recorded within a second.
        let modified: Int
        let inode: UInt64
    }

    static func status(_ file: CachedFile, _ path: FilePath) throws(DownloadCacheError) -> Status {
        var status = stat()
        guard unsafe fstat(file.descriptor.rawValue, &status) == 0 else { throw .failed("look at", path) }
        return Status(status)
    }

    /// Nil when there is none.
    static func status(_ path: FilePath) throws(DownloadCacheError) -> Status? {
        var status = stat()
        guard unsafe stat(path.string, &status) == 0 else {
            if errno == ENOENT || errno == ENOTDIR { return nil }
            throw .failed("look at", path)
        }
        return Status(status)
    }

    /// Whether there is a file, or nothing yet: no pipe, device or folder.
    static func mayBeFile(_ path: FilePath) -> Bool {
        var status = stat()
        return unsafe stat(path.string, &status) != 0 || status.st_mode & S_IFMT == S_IFREG
    }

    /// Bytes that a user may still write where a folder is.
    static func room(_ path: FilePath) throws(DownloadCacheError) -> Int {
        var status = statvfs()
        guard unsafe statvfs(path.string, &status) == 0 else { throw .failed("look at the disk of", path) }
        return Int(clamping: UInt64(status.f_bavail) * UInt64(status.f_frsize))
    }

    /// How many names an open file still has.
    static func links(_ file: CachedFile, _ path: FilePath) throws(DownloadCacheError) -> Int {
        var status = stat()
        guard unsafe fstat(file.descriptor.rawValue, &status) == 0 else { throw .failed("look at", path) }
        return Int(status.st_nlink)
    }

    /// Sets a file's time to now.
    ///
    /// To the nanosecond: by itself the kernel's clock for files goes on a few hundred times a second.
    static func touch(_ path: FilePath) {
        var now = timespec()
        unsafe clock_gettime(CLOCK_REALTIME, &now)
        _ = unsafe utimensat(AT_FDCWD, path.string, [now, now], 0)
    }

    /// Makes a folder and those above it that lack, all on the disk when it returns.
    static func makeFolder(_ path: FilePath) throws(DownloadCacheError) {
        if unsafe mkdir(path.string, 0o755) == 0 { return try syncFolder(path.removingLastComponent()) }
        switch errno {
        case EEXIST: return
        case ENOENT where !path.removingLastComponent().isEmpty:
            try makeFolder(path.removingLastComponent())
            guard unsafe mkdir(path.string, 0o755) == 0 || errno == EEXIST else {
                throw .failed("make the folder", path)
            }
            try syncFolder(path.removingLastComponent())
        default: throw .failed("make the folder", path)
        }
    }

    /// The names in a folder, sorted; none when it does not exist.
    static func names(in folder: FilePath) throws(DownloadCacheError) -> [String] {
        do {
            return try FileManager.default.contentsOfDirectory(atPath: folder.string).sorted()
        } catch CocoaError.fileReadNoSuchFile {
            return []
        } catch {
            throw .fileSystem(action: "list", path: folder, reason: "\(error)")
        }
    }

    static func rename(_ path: FilePath, to target: FilePath) throws(DownloadCacheError) {
        guard unsafe Foundation.rename(path.string, target.string) == 0 else {
            throw .failed("rename to \(target)", path)
        }
    }

    /// Gives a file a second name.
    static func link(_ path: FilePath, to target: FilePath) throws(DownloadCacheError) {
        try makeFolder(target.removingLastComponent())
        guard unsafe Foundation.link(path.string, target.string) == 0 else {
            throw .failed("give the name \(target) to", path)
        }
    }

    /// False when it was gone already.
    @discardableResult
    static func remove(_ path: FilePath) throws(DownloadCacheError) -> Bool {
        var isFolder = ObjCBool(false)
        if unsafe FileManager.default.fileExists(atPath: path.string, isDirectory: &isFolder),
            isFolder.boolValue
        {
            do {
                try FileManager.default.removeItem(atPath: path.string)
                return true
            } catch {
                throw .fileSystem(action: "remove", path: path, reason: "\(error)")
            }
        }
        guard unsafe unlink(path.string) == 0 else {
            if errno == ENOENT { return false }
            throw .failed("remove", path)
        }
        return true
    }

    static func sync(_ file: CachedFile, _ path: FilePath) throws(DownloadCacheError) {
        guard fsync(file.descriptor.rawValue) == 0 else { throw .failed("write to the disk", path) }
    }

    /// Names are on the disk only after this.
    static func syncFolder(_ path: FilePath) throws(DownloadCacheError) {
        try sync(try open(path, .readOnly, [.directory, .closeOnExec]), path)
    }
}

extension Disk.Status {
    fileprivate init(_ status: stat) {
        size = Int(status.st_size)
        modified = status.st_mtim.tv_sec * 1_000_000_000 + status.st_mtim.tv_nsec
        inode = UInt64(status.st_ino)
    }
}

extension DownloadCacheError {
    /// With what the system says of its last refusal.
    static func failed(_ action: String, _ path: FilePath) -> DownloadCacheError {
        .fileSystem(action: action, path: path, reason: "\(Errno(rawValue: errno))")
    }
}
