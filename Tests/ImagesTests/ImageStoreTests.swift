import Foundation
import SystemPackage
import Testing

@testable import Images

@Suite("The image store", .serialized)
struct ImageStoreTests {
    @Test("builds the same bytes from the same inputs in another place", arguments: ["installer", "micro"])
    func reproducible(name: String) async throws {
        let first = try await ImageStore.ofRepository.buildForUser(name)
        try await withOwnCache { store in
            let second = try await store.buildForUser(name)
            #expect(second.manifest == first.manifest)
            #expect(second.folder != first.folder)
            for file in first.manifest.files.keys {
                #expect(
                    try Folder.read(second.path(of: file)) == Folder.read(first.path(of: file)),
                    "\(file)"
                )
            }
        }
    }

    @Test("builds nothing that it has, and says so")
    func cached() async throws {
        let steps = Steps()
        let image = try await ImageStore.ofRepository.buildForUser("installer")
        let again = try await ImageStore.ofRepository.buildForUser("installer") { steps.append($0) }
        #expect(again == image)
        #expect(steps.all.last == "installer is up to date")
        #expect(!steps.all.contains("making the ramdisk"))
        #expect(try ImageStore.ofRepository.find("installer") == image)
    }

    @Test("gives one digest to equal recipes, another to any change")
    func digests() async throws {
        try await withTemporaryFolder { folder in
            let packages = [DebianPackage(fileName: "a_1_amd64.deb", bytes: 1, sha256: "00")]
            let programs = ProgramRunner()
            func digest(_ packages: [DebianPackage], authority: String? = nil) async throws -> String {
                var recipe = try ImageStore(cache: folder, recipes: folder.appending("recipes")).recipe(
                    "micro"
                )
                recipe.authority = authority
                return try await ImageBuilder.digest(of: recipe, packages: packages, programs: programs)
            }
            let recipes = ImageStore.repository.appending("Images").string
            try FileManager.default.copyItem(atPath: recipes, toPath: folder.appending("recipes").string)
            let original = try await digest(packages)
            #expect(try await digest(packages) == original)
            #expect(try await digest([]) != original)
            let trusting = try await digest(packages, authority: "an authority")
            #expect(trusting != original)
            #expect(try await digest(packages, authority: "another") != trusting)
            let script = folder.appending("recipes/micro/root/etc/init.d/rcS").string
            try FileManager.default.setAttributes([.posixPermissions: 0o644], ofItemAtPath: script)
            let unexecutable = try await digest(packages)
            #expect(unexecutable != original)
            try Data("true\n".utf8).write(to: URL(filePath: script))
            #expect(try await digest(packages) != unexecutable)
        }
    }

    @Test("lets builders at the same time wait for the one that builds, and clears away what a dead one left")
    func concurrent() async throws {
        try await withOwnCache { store in
            // As a builder that was killed leaves it; the kernel has given its lock up.
            let leftover = store.images.appending("installer/.building-1")
            try Folder.make(leftover.appending("output"))
            // An image before the former one.
            let old = store.images.appending("installer/0123abcd")
            try Folder.make(old)
            let steps = Steps()
            try await withThrowingTaskGroup(of: BuiltImage.self) { group in
                for _ in 0..<3 { group.addTask { try await store.build("installer") { steps.append($0) } } }
                var images: Set<BuiltImage> = []
                for try await image in group { images.insert(image) }
                #expect(images.count == 1)
            }
            #expect(steps.all.filter { $0 == "making the ramdisk" }.count == 1)
            #expect(steps.all.filter { $0 == "installer is up to date" }.count == 2)
            #expect(!Folder.exists(leftover))
            #expect(!Folder.exists(old))

            let image = try #require(try store.find("installer"))
            // As a power failure leaves a file.
            try Folder.write([1, 2, 3], to: image.path(of: "initrd.img"))
            #expect(try store.find("installer") == nil)
            try await store.remove("installer")
            #expect(Folder.names(in: store.images.appending("installer")) == [".lock"])
        }
    }

    @Test("names the package that no source has")
    func packageNotFound() async throws {
        let source = PackageSource(
            programs: ProgramRunner(),
            cache: ImageStore.ofRepository.cache.appending("apt")
        )
        await #expect(throws: ImageError.packageNotFound(["no-such-package"])) {
            try await source.resolve(["no-such-package"])
        }
        await #expect(throws: ImageError.packageNotFound(["no-kernel", "no-other"])) {
            try await source.resolveKernel(["no-kernel", "no-other"])
        }
    }

    @Test("says how to mend what it cannot do")
    func messages() {
        #expect(
            ImageError.missingProgram(.mke2fs).description
                == "mke2fs: not installed; run: apt-get install e2fsprogs"
        )
        #expect(
            ImageError.notEnoughSpace(folder: "/c", needed: 600 << 20, available: 100 << 20).description
                == "/c: not enough disk space: 600 MiB are needed and 100 MiB are available; free 500 MiB more"
        )
        #expect(
            Set(HostProgram.required.map(\.aptPackage)).isSuperset(of: ["mtools", "syslinux", "e2fsprogs"])
        )
    }

    /// A store with a cache of its own, but the packages that are here already.
    private func withOwnCache(_ body: (ImageStore) async throws -> Void) async throws {
        let shared = ImageStore.ofRepository
        // Fetches the packages.
        _ = try await shared.buildForUser("installer")
        try await withTemporaryFolder { folder in
            try FileManager.default.createSymbolicLink(
                atPath: folder.appending("apt").string,
                withDestinationPath: shared.cache.appending("apt").string
            )
            try await body(ImageStore(cache: folder, recipes: shared.recipes))
        }
    }
}
