import Foundation
import SystemPackage

/// An image that was the current one, and is not tidied away for as long as this lives, whatever is built meanwhile.
///
/// The kernel lets it go when the process that holds it dies.
package final class HeldImage: Sendable {
    package let name: String
    package let folder: FilePath
    private let descriptor: FileDescriptor

    private init(_ name: String, _ folder: FilePath, _ descriptor: FileDescriptor) {
        (self.name, self.folder, self.descriptor) = (name, folder, descriptor)
    }

    /// Closing lets it go; there is nothing to be done if it fails.
    deinit { try? descriptor.close() }

    /// The current one of every image in `images`, the folder that a server of images serves.
    package static func all(in images: FilePath) throws(ImageError) -> [HeldImage] {
        var held: [HeldImage] = []
        for name in Folder.names(in: images) {
            let current = images.appending(name).appending("current")
            // Nil: it was not built, or was removed.
            let digest = try? FileManager.default.destinationOfSymbolicLink(atPath: current.string)
            guard let digest else { continue }
            let folder = images.appending(name).appending(digest)
            do {
                let image = HeldImage(name, folder, try open(folder))
                // Somebody who tidies up tries the lock for a moment: waited for.
                guard flock(image.descriptor.rawValue, LOCK_SH) == 0 else { throw Errno(rawValue: errno) }
                held.append(image)
            } catch {
                throw .fileSystem(action: "hold", path: folder, reason: "\(error)")
            }
        }
        return held
    }

    /// Whether anybody holds the image in this folder; nobody can hold one that is not there.
    static func isHeld(_ folder: FilePath) -> Bool {
        guard let descriptor = try? open(folder) else { return false }
        // As in `deinit`.
        defer { try? descriptor.close() }
        return flock(descriptor.rawValue, LOCK_EX | LOCK_NB) != 0
    }

    private static func open(_ folder: FilePath) throws -> FileDescriptor {
        try FileDescriptor.open(folder, .readOnly, options: [.directory, .closeOnExec])
    }
}
