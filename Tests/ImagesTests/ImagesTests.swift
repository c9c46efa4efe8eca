import Foundation
import SystemPackage
import Testing

@testable import Images

@Suite("Images of this repository")
struct RepositoryImagesTests {
    @Test("are built from the host's apt sources", arguments: ["installer", "micro"])
    func build(name: String) async throws {
        let image = try await ImageStore.ofRepository.build(name) { FileHandle.standardError.write(Data("\($0)\n".utf8)) }
        #expect(image.bytes > 10 << 20)
    }
}

extension ImageStore {
    /// The repository's recipes and the user's cache, so that tests share one build with everything else.
    static var ofRepository: ImageStore {
        let environment = ProcessInfo.processInfo.environment
        let home = environment["HOME"] ?? "/tmp"
        let cache = FilePath(environment["XDG_CACHE_HOME"] ?? "\(home)/.cache").appending("vlab")
        let root = FilePath(#filePath).removingLastComponent().removingLastComponent().removingLastComponent()
        return ImageStore(cache: cache, recipes: root.appending("Images"))
    }
}
