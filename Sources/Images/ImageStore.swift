import Foundation
import LabModel
import SystemPackage

/// The images of this host: recipes that can be built, and what was built, by digest.
///
///     let store = ImageStore(cache: FilePath(state.cache), recipes: "Images")
///     let micro = try await store.build("micro", trusting: authority.certificate) { print($0) }
///     let disk = micro.path(of: "disk.img")
package struct ImageStore: Sendable {
    /// An image and what there is of it.
    package struct Entry: Hashable, Sendable {
        package var name: String
        /// Nil when it has not been built.
        package var built: BuiltImage?
    }

    /// Holds `images/<name>/<digest>/`, with `current` naming the newest.
    package let cache: FilePath
    /// Holds `<name>/recipe`.
    package let recipes: FilePath

    /// Unpacked packages and two copies of the largest image.
    private static let roomToBuild: UInt64 = 600 << 20

    package init(cache: FilePath, recipes: FilePath) {
        (self.cache, self.recipes) = (cache, recipes)
    }

    /// The folder that a server of images serves as `/images`.
    package var images: FilePath { cache.appending("images") }

    /// All images that have a recipe, by name.
    package func list() throws(ImageError) -> [Entry] {
        var entries: [Entry] = []
        for name in names { entries.append(Entry(name: name, built: try find(name))) }
        return entries
    }

    private var names: [String] {
        Folder.names(in: recipes).filter { Folder.exists(recipes.appending($0).appending("recipe")) }
    }

    /// The image that `current` names; nil when none was built.
    package func find(_ name: String) throws(ImageError) -> BuiltImage? {
        guard isName(name) else { throw .unknownImage(name, known: names) }
        let current = images.appending(name).appending("current")
        // Resolved once: what is returned stays the same image when another build replaces the link.
        guard let digest = try? FileManager.default.destinationOfSymbolicLink(atPath: current.string) else {
            return nil
        }
        return built(name, digest: digest)
    }

    /// The recipe, read and checked.
    package func recipe(_ name: String) throws(ImageError) -> Recipe {
        let folder = recipes.appending(name)
        guard isName(name), Folder.exists(folder.appending("recipe")) else {
            throw .unknownImage(name, known: names)
        }
        let text = String(decoding: try Folder.read(folder.appending("recipe")), as: UTF8.self)
        do {
            return try RecipeParser.parse(text, name: name, folder: folder)
        } catch {
            throw .badRecipe("\(error)")
        }
    }

    /// Builds the image unless one of exactly these inputs is there, and makes it the current one.
    ///
    /// Its programs trust the authority, given as PEM. Builders at the same time wait for each other; one that is
    /// killed leaves nothing that anybody takes for an image.
    package func build(
        _ name: String,
        trusting authority: String? = nil,
        progress: @escaping @Sendable (String) -> Void = { _ in }
    ) async throws(ImageError) -> BuiltImage {
        var recipe = try recipe(name)
        recipe.authority = authority
        if let program = HostProgram.missing.first { throw .missingProgram(program) }
        let folder = images.appending(name)
        try Folder.make(folder)
        let lock = try await BuildLock.take(folder.appending(".lock")) {
            progress("another process builds \(name); waiting for it")
        }
        defer { withExtendedLifetime(lock) {} }
        for leftover in Folder.names(in: folder) where leftover.hasPrefix(".building-") {
            Folder.removeQuietly(folder.appending(leftover))
        }
        do {
            return try await build(recipe, in: folder, progress: progress)
        } catch {
            // Whatever failed, a full disk is why.
            try requireSpace(16 << 20)
            throw error
        }
    }

    /// Removes what was built of an image; the packages stay in the cache.
    package func remove(_ name: String) async throws(ImageError) {
        guard isName(name) else { throw .unknownImage(name, known: names) }
        let folder = images.appending(name)
        guard Folder.exists(folder) else {
            guard names.contains(name) else { throw .unknownImage(name, known: names) }
            return
        }
        let lock = try await BuildLock.take(folder.appending(".lock")) {}
        defer { withExtendedLifetime(lock) {} }
        for entry in ["current"] + Folder.names(in: folder) where entry != ".lock" {
            let path = folder.appending(entry)
            // `current` first: nobody finds an image that is half removed. A link to nothing «does not exist».
            let isThere = (try? FileManager.default.attributesOfItem(atPath: path.string)) != nil
            if isThere { try Folder.remove(path) }
        }
    }

    private func build(
        _ recipe: Recipe,
        in folder: FilePath,
        progress: @escaping @Sendable (String) -> Void
    ) async throws(ImageError) -> BuiltImage {
        let programs = ProgramRunner()
        let (source, packages) = try await resolve(recipe, programs: programs, progress: progress)
        let digest = try await ImageBuilder.digest(of: recipe, packages: packages, programs: programs)
        if let image = built(recipe.name, digest: digest) {
            progress("\(recipe.name) is up to date")
            try makeCurrent(digest, in: folder)
            return image
        }
        try requireSpace(Self.roomToBuild)
        let files: [FilePath]
        do {
            files = try await source.fetch(packages, progress: progress)
        } catch .programFailed where !source.usesOwnLists {
            // The host's lists name files that the mirror no longer has.
            progress("the host's package lists are out of date; reading new ones")
            let renewed = try await source.withOwnLists()
            return try await build(recipe, from: renewed, in: folder, progress: progress)
        }
        return try await build(recipe, packages, files, digest: digest, in: folder, progress: progress)
    }

    private func build(
        _ recipe: Recipe,
        from source: PackageSource,
        in folder: FilePath,
        progress: @escaping @Sendable (String) -> Void
    ) async throws(ImageError) -> BuiltImage {
        let packages = try await Self.packages(of: recipe, from: source)
        let digest = try await ImageBuilder.digest(of: recipe, packages: packages, programs: source.programs)
        let files = try await source.fetch(packages, progress: progress)
        return try await build(recipe, packages, files, digest: digest, in: folder, progress: progress)
    }

    private func build(
        _ recipe: Recipe,
        _ packages: [DebianPackage],
        _ files: [FilePath],
        digest: String,
        in folder: FilePath,
        progress: @escaping @Sendable (String) -> Void
    ) async throws(ImageError) -> BuiltImage {
        let scratch = folder.appending(".building-\(UUID().uuidString)")
        let output = scratch.appending("output")
        try Folder.make(output)
        defer { Folder.removeQuietly(scratch) }
        let builder = ImageBuilder(
            recipe: recipe,
            packages: packages,
            digest: digest,
            programs: ProgramRunner(),
            progress: progress
        )
        let manifest = try await builder.build(packageFiles: files, scratch: scratch, output: output)
        try Folder.write(try encoded(manifest), to: output.appending("manifest.json"))
        let target = folder.appending(digest)
        if Folder.exists(target) { try Folder.remove(target) }
        try Folder.rename(output, to: target)
        let former = try find(recipe.name)?.digest
        try makeCurrent(digest, in: folder)
        Self.tidy(folder, keeping: [digest, former].compactMap(\.self))
        progress("\(recipe.name) is built: \(target)")
        return BuiltImage(name: recipe.name, digest: digest, folder: target, manifest: manifest)
    }

    /// Removes what was built of an image but for these, and for what a lab holds.
    static func tidy(_ folder: FilePath, keeping digests: [String]) {
        for name in Folder.names(in: folder)
        where !name.hasPrefix(".") && name != "current" && !digests.contains(name)
            && !HeldImage.isHeld(folder.appending(name))
        {
            Folder.removeQuietly(folder.appending(name))
        }
    }

    private func resolve(
        _ recipe: Recipe,
        programs: ProgramRunner,
        progress: (String) -> Void
    ) async throws(ImageError) -> (PackageSource, [DebianPackage]) {
        let source = PackageSource(programs: programs, cache: cache.appending("apt"))
        do {
            return (source, try await Self.packages(of: recipe, from: source))
        } catch .packageNotFound {
            progress("the host's package lists lack what is needed; reading new ones")
            let renewed = try await source.withOwnLists()
            return (renewed, try await Self.packages(of: recipe, from: renewed))
        }
    }

    private static func packages(
        of recipe: Recipe,
        from source: PackageSource
    ) async throws(ImageError) -> [DebianPackage] {
        let kernel = try await source.resolveKernel(recipe.kernel)
        let others = try await source.resolve(recipe.packages)
        return (kernel + others).sorted { $0.fileName < $1.fileName }
    }

    private func makeCurrent(_ digest: String, in folder: FilePath) throws(ImageError) {
        let link = folder.appending(".building-\(UUID().uuidString)")
        do {
            try FileManager.default.createSymbolicLink(atPath: link.string, withDestinationPath: digest)
        } catch {
            throw .fileSystem(action: "make the link", path: link, reason: error.localizedDescription)
        }
        try Folder.rename(link, to: folder.appending("current"))
    }

    private func built(_ name: String, digest: String) -> BuiltImage? {
        let folder = images.appending(name).appending(digest)
        // An image without a readable manifest, or with a file of another size, is none.
        guard let bytes = try? Folder.read(folder.appending("manifest.json")),
            let manifest = try? JSONDecoder().decode(ImageManifest.self, from: Data(bytes)),
            manifest.digest == digest
        else { return nil }
        for (file, expected) in manifest.files {
            let path = folder.appending(file).string
            // A file that is not there has no size.
            let attributes = try? FileManager.default.attributesOfItem(atPath: path)
            guard (attributes?[.size] as? NSNumber)?.uint64Value == expected.size else { return nil }
        }
        return BuiltImage(name: name, digest: digest, folder: folder, manifest: manifest)
    }

    private func encoded(_ manifest: ImageManifest) throws(ImageError) -> [UInt8] {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
        do {
            return [UInt8](try encoder.encode(manifest)) + [0x0A]
        } catch {
            throw .fileSystem(action: "encode", path: "manifest.json", reason: "\(error)")
        }
    }

    private func requireSpace(_ needed: UInt64) throws(ImageError) {
        guard let available = Folder.available(at: cache), available < needed else { return }
        throw .notEnoughSpace(folder: cache, needed: needed, available: available)
    }

    /// A name is one path component that is not hidden.
    private func isName(_ name: String) -> Bool {
        !name.isEmpty && !name.hasPrefix(".") && !name.contains("/")
    }
}
