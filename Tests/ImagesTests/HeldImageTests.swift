import Foundation
import SystemPackage
import TestSupport
import Testing

@testable import Images

@Suite("An image that a lab holds")
struct HeldImageTests {
    /// An image of which these were built, the last one being current.
    private func build(_ digests: [String], of name: String, in images: String) throws {
        for digest in digests {
            let folder = "\(images)/\(name)/\(digest)"
            try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
            try Data(digest.utf8).write(to: URL(fileURLWithPath: "\(folder)/disk.img"))
        }
        let current = "\(images)/\(name)/current"
        // Nil: there is none yet.
        try? FileManager.default.removeItem(atPath: current)
        try FileManager.default.createSymbolicLink(
            atPath: current,
            withDestinationPath: try #require(digests.last)
        )
    }

    @Test("stays the one that was current, and there, however many are built, until it is let go")
    func stays() async throws {
        try await withScratchFolder { images in
            let micro = FilePath(images).appending("micro")
            try build(["a", "b"], of: "micro", in: images)
            // Without a current one it was not built.
            try FileManager.default.createDirectory(
                atPath: "\(images)/other/x",
                withIntermediateDirectories: true
            )
            try Data().write(to: URL(fileURLWithPath: "\(images)/.lock"))
            do {
                let (held, same) = (
                    try HeldImage.all(in: FilePath(images)), try HeldImage.all(in: FilePath(images))
                )
                #expect(held.map(\.name) == ["micro"])
                #expect(held.first?.folder == micro.appending("b"))
                try build(["c", "d"], of: "micro", in: images)
                ImageStore.tidy(micro, keeping: ["c", "d"])
                #expect(Folder.names(in: micro) == ["b", "c", "current", "d"])
                withExtendedLifetime((held, same)) {}
            }
            ImageStore.tidy(micro, keeping: ["c", "d"])
            #expect(Folder.names(in: micro) == ["c", "current", "d"])
        }
    }

    @Test("that is gone before it is held is told")
    func gone() async throws {
        try await withScratchFolder { images in
            try build(["a"], of: "micro", in: images)
            try FileManager.default.removeItem(atPath: "\(images)/micro/a")
            let error = #expect(throws: ImageError.self) { try HeldImage.all(in: FilePath(images)) }
            #expect(error?.description.contains("micro/a") == true)
            #expect(try HeldImage.all(in: FilePath("\(images)/nowhere")).isEmpty)
        }
    }
}
