import Foundation
import SystemPackage

/// Lets one process at a time build an image.
///
/// The kernel gives the lock up when its holder dies.
final class BuildLock: Sendable {
    private let descriptor: FileDescriptor

    private init(holding descriptor: FileDescriptor) { self.descriptor = descriptor }

    /// Waits for the lock; `busy` is called once when somebody else has it.
    static func take(_ path: FilePath, busy: () -> Void) async throws(ImageError) -> BuildLock {
        let lock: BuildLock
        do {
            lock = BuildLock(
                holding: try FileDescriptor.open(
                    path,
                    .readWrite,
                    options: [.create, .closeOnExec],
                    permissions: .ownerReadWrite
                )
            )
        } catch {
            throw .fileSystem(action: "open", path: path, reason: "\(error)")
        }
        var waited = false
        while flock(lock.descriptor.rawValue, LOCK_EX | LOCK_NB) != 0 {
            let reason = errno
            guard reason == EWOULDBLOCK || reason == EINTR else {
                throw .fileSystem(action: "lock", path: path, reason: "\(Errno(rawValue: reason))")
            }
            if !waited { busy() }
            waited = true
            do {
                try await Task.sleep(for: .milliseconds(100))
            } catch {
                throw .cancelled
            }
        }
        return lock
    }

    /// Closing gives the lock up; there is nothing to be done if it fails.
    deinit { try? descriptor.close() }
}
