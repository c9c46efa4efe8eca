import Certificates
import Foundation
import Images
import Lab
import SystemPackage

extension ImageStore {
    /// The repository's recipes and the user's cache, so that tests share one build with everything else.
    static var ofRepository: ImageStore {
        ImageStore(cache: FilePath(StateFolders().cache), recipes: repository.appending("Images"))
    }

    /// An image as `vlab image build` makes it for this user.
    func buildForUser(
        _ name: String,
        progress: @escaping @Sendable (String) -> Void = { _ in }
    ) async throws -> BuiltImage {
        let authority = try AuthorityFolder(path: StateFolders().authority).authority()
        return try await build(name, trusting: authority.certificate, progress: progress)
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
