import Foundation
import SystemPackage

/// Files and folders of the host, with errors that name the path.
enum Folder {
    static func make(_ path: FilePath) throws(ImageError) {
        do {
            try FileManager.default.createDirectory(atPath: path.string, withIntermediateDirectories: true)
        } catch {
            throw .fileSystem(action: "make the folder", path: path, reason: error.localizedDescription)
        }
    }

    static func read(_ path: FilePath) throws(ImageError) -> [UInt8] {
        do {
            return [UInt8](try Data(contentsOf: URL(filePath: path.string)))
        } catch {
            throw .fileSystem(action: "read", path: path, reason: error.localizedDescription)
        }
    }

    static func write(_ bytes: [UInt8], to path: FilePath) throws(ImageError) {
        do {
            try Data(bytes).write(to: URL(filePath: path.string))
        } catch {
            throw .fileSystem(action: "write", path: path, reason: error.localizedDescription)
        }
    }

    static func rename(_ path: FilePath, to target: FilePath) throws(ImageError) {
        do {
            guard unsafe Foundation.rename(path.string, target.string) == 0 else {
                throw Errno(rawValue: errno)
            }
        } catch {
            throw .fileSystem(action: "rename to \(target)", path: path, reason: "\(error)")
        }
    }

    /// The names in a folder, sorted; none when it does not exist.
    static func names(in path: FilePath) -> [String] {
        // A folder that is not there has nothing in it.
        ((try? FileManager.default.contentsOfDirectory(atPath: path.string)) ?? []).sorted()
    }

    static func exists(_ path: FilePath) -> Bool { FileManager.default.fileExists(atPath: path.string) }

    /// Seconds since the file was written; nil when there is none.
    static func age(of path: FilePath) -> Double? {
        // What is not there has no age.
        let attributes = try? FileManager.default.attributesOfItem(atPath: path.string)
        return (attributes?[.modificationDate] as? Date).map { -$0.timeIntervalSinceNow }
    }

    static func remove(_ path: FilePath) throws(ImageError) {
        do {
            try FileManager.default.removeItem(atPath: path.string)
        } catch {
            throw .fileSystem(action: "remove", path: path, reason: error.localizedDescription)
        }
    }

    /// For clean-up on the way out: what could not be removed now is removed by the next build.
    static func removeQuietly(_ path: FilePath) { try? FileManager.default.removeItem(atPath: path.string) }

    /// The bytes that a plain user may still write there; nil when the system does not tell.
    static func available(at path: FilePath) -> UInt64? {
        // A file system that does not tell is no reason to refuse.
        let attributes = try? FileManager.default.attributesOfFileSystem(forPath: path.string)
        return (attributes?[.systemFreeSize] as? NSNumber)?.uint64Value
    }
}
