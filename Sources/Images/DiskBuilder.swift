import LabModel
import SystemPackage

/// Makes the image of a disk with two partitions: one that the BIOS boots from, and the root file system.
struct DiskBuilder: Sendable {
    let programs: ProgramRunner
    /// A folder for intermediate files.
    let scratch: FilePath
    /// What identifiers on the disk are made from; the same seed gives the same bytes.
    let seed: [UInt8]

    /// Where the first partition starts, in bytes, as partitioning tools have it since 2009.
    static let firstPartition = 1 << 20

    /// Writes the disk and returns how it is laid out.
    func build(
        kernel: FilePath,
        ramdisk: FilePath,
        root: FileTree,
        recipe: Recipe,
        bootCode: [UInt8],
        to disk: FilePath
    ) async throws(ImageError) -> DiskLayout {
        let boot = try await bootPartition(kernel: kernel, ramdisk: ramdisk, recipe: recipe)
        let file = try await rootPartition(root, size: recipe.root.size)
        let sector = PartitionTable.sectorSize
        let (bootCount, rootCount) = (Int(recipe.bootSize.bytes), Int(recipe.root.size.bytes))
        let rootStart = Self.firstPartition + bootCount
        let table = PartitionTable(
            partitions: [
                .init(
                    kind: .fat16,
                    isActive: true,
                    start: UInt32(Self.firstPartition / sector),
                    count: UInt32(bootCount / sector)
                ),
                .init(
                    kind: .linux,
                    isActive: false,
                    start: UInt32(rootStart / sector),
                    count: UInt32(rootCount / sector)
                ),
            ],
            diskIdentifier: identifier("disk")
        )
        var bytes = table.sector(bootCode: bootCode)
        bytes += [UInt8](repeating: 0, count: Self.firstPartition - bytes.count)
        bytes += try Folder.read(boot)
        bytes += try Folder.read(file)
        try Folder.write(bytes, to: disk)
        return DiskLayout(
            bootLoader: "syslinux",
            partitions: [
                .init(number: 1, kind: "vfat", start: Self.firstPartition, bytes: bootCount),
                .init(number: 2, kind: "ext4", start: rootStart, bytes: rootCount),
            ]
        )
    }

    /// A FAT file system with the kernel, the ramdisk and syslinux.
    private func bootPartition(
        kernel: FilePath,
        ramdisk: FilePath,
        recipe: Recipe
    ) async throws(ImageError) -> FilePath {
        let image = scratch.appending("boot.img")
        let content = try Folder.read(kernel).count + Folder.read(ramdisk).count
        // The allocation table and syslinux itself take less than 512 KiB.
        try check("boot partition", content + 512 << 10, fits: recipe.bootSize)
        try Folder.write([UInt8](repeating: 0, count: Int(recipe.bootSize.bytes)), to: image)
        let configuration = scratch.appending("syslinux.cfg")
        let text = """
            SERIAL 0 115200
            PROMPT 0
            TIMEOUT 0
            DEFAULT linux
            LABEL linux
              LINUX /vmlinuz
              INITRD /initrd.img
              APPEND \(recipe.arguments)

            """
        try Folder.write(Array(text.utf8), to: configuration)
        let serial = String(identifier("boot"), radix: 16)
        _ = try await programs.run(
            .mformat,
            [
                "-i", image.string, "-T", String(recipe.bootSize.bytes / 512), "-h", "255", "-s", "63",
                "-H", String(Self.firstPartition / PartitionTable.sectorSize), "-c", "8", "-N", serial,
                "-v", "BOOT", "::",
            ]
        )
        for (file, name) in [(kernel, "vmlinuz"), (ramdisk, "initrd.img"), (configuration, "syslinux.cfg")] {
            _ = try await programs.run(.mcopy, ["-i", image.string, file.string, "::\(name)"])
        }
        _ = try await programs.run(.syslinux, ["--install", image.string])
        return image
    }

    /// An ext4 file system with the tree in it.
    ///
    /// Everything is made to belong to root and to be of one moment afterwards, because mke2fs takes owner and times from the files of whoever builds.
    private func rootPartition(_ tree: FileTree, size: Memory) async throws(ImageError) -> FilePath {
        let (folder, image) = (scratch.appending("root"), scratch.appending("root.img"))
        try Folder.make(folder)
        try tree.write(to: folder)
        try Folder.write([], to: image)
        _ = try await programs.run(
            .mke2fs,
            [
                "-q", "-F", "-t", "ext4", "-b", "1024", "-I", "256", "-N", "4096", "-J", "size=1", "-m", "0",
                "-L", "root", "-U", identifierText("root"),
                "-E", "root_owner=0:0,hash_seed=\(identifierText("hash")),lazy_itable_init=0,nodiscard",
                "-d", folder.string, image.string, "\(size.bytes >> 10)k",
            ]
        )
        let script = scratch.appending("debugfs")
        var lines: [String] = []
        for path in ["", "lost+found"] + tree.paths {
            lines += ["uid 0", "gid 0"].map { "sif /\(path) \($0)" }
            for field in ["atime", "ctime", "mtime", "crtime"] {
                lines.append("sif /\(path) \(field) @\(ProgramRunner.buildTime)")
                lines.append("sif /\(path) \(field)_extra 0")
            }
        }
        try Folder.write(Array((lines.joined(separator: "\n") + "\n").utf8), to: script)
        _ = try await programs.run(.debugfs, ["-w", "-f", script.string, image.string])
        return image
    }

    private func check(_ what: String, _ bytes: Int, fits size: Memory) throws(ImageError) {
        guard UInt64(bytes) <= size.bytes else {
            throw .tooLarge(what: what, bytes: UInt64(bytes), room: size.bytes)
        }
    }

    private func identifier(_ purpose: String) -> UInt32 {
        UInt32(Digest.hex(of: seed + Array(purpose.utf8)).prefix(8), radix: 16) ?? 0
    }

    /// A UUID of version 8, which is free for any use (RFC 9562 §5.8).
    private func identifierText(_ purpose: String) -> String {
        let hex = Array(Digest.hex(of: seed + Array(purpose.utf8)))
        let groups = [hex[0..<8], hex[8..<12], "8" + hex[13..<16], "8" + hex[17..<20], hex[20..<32]]
        return groups.map { String($0) }.joined(separator: "-")
    }
}
