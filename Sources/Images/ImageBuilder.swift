import SystemPackage

/// Builds one image from its recipe, in a folder of its own.
struct ImageBuilder: Sendable {
    /// Raised when the builder itself makes other files of the same inputs.
    static let format = 2

    let recipe: Recipe
    let packages: [DebianPackage]
    let digest: String
    let programs: ProgramRunner
    let progress: @Sendable (String) -> Void

    /// The digest of all that goes into an image: the recipe and its files, whom it trusts, the packages, the programs.
    static func digest(
        of recipe: Recipe,
        packages: [DebianPackage],
        programs: ProgramRunner
    ) async throws(ImageError) -> String {
        var files = FileTree()
        try files.add(contentsOf: recipe.folder)
        var lines = ["format \(format)"]
        for path in files.paths {
            switch files.nodes[path] {
            case .file(let isExecutable, let content):
                lines.append("file \(path) \(isExecutable) \(Digest.hex(of: content))")
            case .link(let target): lines.append("link \(path) \(target)")
            case .directory, nil: continue
            }
        }
        if let authority = recipe.authority {
            lines.append("authority \(Digest.hex(of: Array(authority.utf8)))")
        }
        lines += packages.map { "package \($0.fileName) \($0.sha256)" }
        let tools = Set(HostProgram.required.map(\.aptPackage)).subtracting(["apt", "dpkg"]).sorted()
        for tool in tools {
            // A program that apt did not install has no version to tell; the build itself says if it lacks.
            let version = try? await programs.run(.dpkgQuery, ["-W", "-f", "${Version}", tool])
            lines.append("tool \(tool) \(version ?? "unknown")")
        }
        return Digest.hex(of: Array(lines.joined(separator: "\n").utf8))
    }

    /// Makes the image's files in `output`; `scratch` holds what is needed on the way.
    func build(
        packageFiles: [FilePath],
        scratch: FilePath,
        output: FilePath
    ) async throws(ImageError) -> ImageManifest {
        let unpacked = scratch.appending("packages")
        try Folder.make(unpacked)
        progress("unpacking \(packageFiles.count) packages")
        for file in packageFiles {
            _ = try await programs.run(.dpkgDeb, ["-x", file.string, unpacked.string])
        }
        let modules = try KernelModules(in: unpacked, image: recipe.name, programs: programs)
        let trees = TreeBuilder(programs: programs, image: recipe.name, packages: unpacked, modules: modules)
        let kernel = try trees.locate("boot/vmlinuz-\(modules.release)")

        progress("making the ramdisk")
        var tree = try await trees.tree(recipe.ramdisk, files: recipe.folder.appending("ramdisk"))
        // A disk's ramdisk only finds the disk.
        if recipe.kind == .ramdisk, let authority = recipe.authority { tree.trust(authority) }
        let ramdisk = scratch.appending("initrd.img")
        try await compress(tree.archive(), to: ramdisk)

        switch recipe.kind {
        case .ramdisk:
            // Not as the package has it: Ubuntu's is for root's eyes only.
            try Folder.write(try Folder.read(kernel), to: output.appending("vmlinuz"))
            try Folder.rename(ramdisk, to: output.appending("initrd.img"))
            var manifest = try manifest(of: ["vmlinuz", "initrd.img"], in: output)
            manifest.arguments = recipe.arguments
            return manifest
        case .disk:
            progress("making the disk")
            var root = try await trees.tree(recipe.root, files: recipe.folder.appending("root"))
            if let authority = recipe.authority { root.trust(authority) }
            let disk = DiskBuilder(programs: programs, scratch: scratch, seed: Array(digest.utf8))
            let layout = try await disk.build(
                kernel: kernel,
                ramdisk: ramdisk,
                root: root,
                recipe: recipe,
                bootCode: try Folder.read(FilePath(HostProgram.bootCode.name)),
                to: output.appending("disk.img")
            )
            var manifest = try manifest(of: ["disk.img"], in: output)
            manifest.file = "disk.img"
            manifest.size = manifest.files["disk.img"]?.size
            manifest.sha256 = manifest.files["disk.img"]?.sha256
            manifest.rawSize = manifest.size
            manifest.layout = layout
            return manifest
        }
    }

    private func compress(_ archive: CpioArchive, to file: FilePath) async throws(ImageError) {
        let plain = FilePath(file.string + ".cpio")
        try Folder.write(archive.bytes, to: plain)
        _ = try await programs.run(.zstd, ["-q", "-f", "-9", "-T1", plain.string, "-o", file.string])
    }

    private func manifest(of names: [String], in folder: FilePath) throws(ImageError) -> ImageManifest {
        var files: [String: ImageManifest.File] = [:]
        for name in names {
            let bytes = try Folder.read(folder.appending(name))
            files[name] = .init(size: UInt64(bytes.count), sha256: Digest.hex(of: bytes))
        }
        return ImageManifest(
            name: recipe.name,
            digest: digest,
            files: files,
            packages: packages.map(\.fileName),
            authority: recipe.authority.map { Digest.hex(of: Array($0.utf8)) }
        )
    }
}
