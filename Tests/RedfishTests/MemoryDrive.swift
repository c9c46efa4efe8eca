import Foundation
import Redfish
import Synchronization

/// A drive of which nothing exists but what is in it.
final class MemoryDrive: MediaDrive {
    struct Failure: Error {}

    private let contents = Mutex<Data?>(nil)
    private let failure: (any Error)?

    init(failure: (any Error)? = nil) { self.failure = failure }

    /// What a guest would read.
    var image: Data? { contents.withLock { $0 } }

    func insert(_ image: String) async throws {
        if let failure { throw failure }
        let data = try Data(contentsOf: URL(fileURLWithPath: image))
        contents.withLock { $0 = data }
    }

    func eject() async throws { contents.withLock { $0 = nil } }
}
