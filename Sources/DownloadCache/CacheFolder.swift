import Foundation
import SystemPackage

/// Where everything lies, and how files come there whole.
///
///     blobs/sha256/ab/ab…             contents, by their SHA-256
///     entries/cd/cd….json             responses, by the SHA-256 of what asks for them
///     sets/ef…/12….json               states of a mirror, by its address
///     incoming/                       what is being written, each file locked by its writer
///     lock                            held for the moment in which something becomes visible or goes
///     size                            bytes of all blobs, as far as known
struct CacheFolder: Sendable {
    let root: FilePath

    var incoming: FilePath { root.appending("incoming") }
    var blobs: FilePath { root.appending("blobs").appending("sha256") }
    var entries: FilePath { root.appending("entries") }
    var sets: FilePath { root.appending("sets") }
    private var size: FilePath { root.appending("size") }

    func blob(_ digest: String) -> FilePath {
        blobs.appending(String(digest.prefix(2))).appending(digest)
    }

    func entry(_ key: String) -> FilePath {
        entries.appending(String(key.prefix(2))).appending("\(key).json")
    }

    func sets(of root: String) -> FilePath { sets.appending(Digest.hex(of: root)) }
    func set(_ id: String, of root: String) -> FilePath { sets(of: root).appending("\(id).json") }

    func make() throws(DownloadCacheError) {
        for folder in [incoming, blobs, entries, sets] { try Disk.makeFolder(folder) }
    }

    /// One at a time among all processes: for the moments in which what is there changes.
    func locked<Result>(_ body: () throws(DownloadCacheError) -> Result) throws(DownloadCacheError) -> Result
    {
        let path = root.appending("lock")
        let lock = try Disk.open(path, .readWrite, [.create, .closeOnExec])
        while flock(lock.descriptor.rawValue, LOCK_EX) != 0 {
            guard errno == EINTR else { throw .failed("lock", path) }
        }
        defer { withExtendedLifetime(lock) {} }
        return try body()
    }

    /// A new file that is being written.
    ///
    /// Who clears up takes the lock before it removes: what has lost its name meanwhile is not used.
    func incomingFile() throws(DownloadCacheError) -> (FilePath, CachedFile) {
        for _ in 0..<16 {
            let path = incoming.appending(UUID().uuidString)
            let file = try Disk.open(path, .readWrite, [.create, .exclusiveCreate, .closeOnExec])
            guard flock(file.descriptor.rawValue, LOCK_EX | LOCK_NB) == 0 else { continue }
            if try Disk.links(file, path) > 0 { return (path, file) }
        }
        throw .fileSystem(action: "make a file", path: incoming, reason: "it is removed each time")
    }

    /// A new folder for what comes or goes in one piece; the second keeps it from being cleared away.
    func incomingFolder() throws(DownloadCacheError) -> (FilePath, CachedFile) {
        for _ in 0..<16 {
            let path = incoming.appending(UUID().uuidString)
            try Disk.makeFolder(path)
            guard let folder = try Disk.openIfThere(path) else { continue }
            guard flock(folder.descriptor.rawValue, LOCK_EX | LOCK_NB) == 0 else { continue }
            if try Disk.links(folder, path) > 0 { return (path, folder) }
        }
        throw .fileSystem(action: "make a folder", path: incoming, reason: "it is removed each time")
    }

    /// Removes what writers left that were killed; how many there were.
    @discardableResult
    func removeLeftovers() throws(DownloadCacheError) -> Int {
        var count = 0
        for name in try Disk.names(in: incoming) {
            let path = incoming.appending(name)
            // Gone meanwhile: its writer was done.
            guard let file = try? Disk.open(path, .readOnly, [.closeOnExec]),
                flock(file.descriptor.rawValue, LOCK_EX | LOCK_NB) == 0
            else { continue }
            if try Disk.remove(path) { count += 1 }
        }
        return count
    }

    /// Writes a file beside, and puts it in place when it is whole and on the disk.
    func write(_ data: Data, to path: FilePath) throws(DownloadCacheError) {
        let (temporary, file) = try incomingFile()
        do {
            try file.descriptor.writeAll(data)
        } catch {
            throw .fileSystem(action: "write", path: temporary, reason: "\(error)")
        }
        try place(temporary, file, at: path)
    }

    /// Gives a file that was written its name, after its content is on the disk.
    ///
    /// The name may be lost when the power is: the response was not recorded then.
    func place(_ temporary: FilePath, _ file: CachedFile, at path: FilePath) throws(DownloadCacheError) {
        try Disk.makeFolder(path.removingLastComponent())
        try Disk.sync(file, temporary)
        try Disk.rename(temporary, to: path)
    }

    /// The same for a content, whose name is on the disk before that of any entry which refers to it.
    func place(blob temporary: FilePath, _ file: CachedFile, _ digest: String) throws(DownloadCacheError) {
        let path = blob(digest)
        try place(temporary, file, at: path)
        try Disk.syncFolder(path.removingLastComponent())
    }

    /// The bytes of all blobs; nil when nobody has counted.
    var countedSize: Int? {
        // None is there at first; it is counted again then.
        (try? String(contentsOfFile: size.string, encoding: .utf8)).flatMap { Int($0) }
    }

    /// Only a number to begin to clear up by: a crash may leave it wrong by what was just written.
    func count(_ bytes: Int) throws(DownloadCacheError) {
        let temporary = root.appending("size.new")
        do {
            try Data("\(bytes)".utf8).write(to: URL(filePath: temporary.string))
        } catch {
            throw .fileSystem(action: "write", path: temporary, reason: "\(error)")
        }
        try Disk.rename(temporary, to: size)
    }
}
