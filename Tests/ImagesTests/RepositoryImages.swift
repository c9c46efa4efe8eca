import Foundation
import Images
import SystemPackage

extension ImageStore {
    /// The repository's recipes and the user's cache, so that tests share one build with everything else.
    static var ofRepository: ImageStore {
        let environment = ProcessInfo.processInfo.environment
        let caches = environment["XDG_CACHE_HOME"] ?? "\(environment["HOME"] ?? "/tmp")/.cache"
        return ImageStore(cache: FilePath(caches).appending("vlab"), recipes: repository.appending("Images"))
    }

    static var repository: FilePath {
        FilePath(#filePath).removingLastComponent().removingLastComponent().removingLastComponent()
    }
}

/// A folder of its own for one test, removed at its end.
func withTemporaryFolder<Result>(
    _ body: (FilePath) async throws -> Result
) async throws -> Result {
    let folder = FilePath(FileManager.default.temporaryDirectory.path)
        .appending("vlab-images-\(UUID().uuidString)")
    try FileManager.default.createDirectory(atPath: folder.string, withIntermediateDirectories: true)
    // What cannot be removed is left to the system's own clean-up of temporary files.
    defer { try? FileManager.default.removeItem(atPath: folder.string) }
    return try await body(folder)
}
