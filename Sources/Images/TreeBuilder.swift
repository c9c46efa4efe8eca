import Foundation
import SystemPackage

/// Makes a file tree out of unpacked packages and the files beside a recipe.
struct TreeBuilder: Sendable {
    let programs: ProgramRunner
    let image: String
    /// Where the packages were unpacked.
    let packages: FilePath
    let modules: KernelModules

    func tree(_ recipe: Recipe.Tree, files: FilePath) async throws(ImageError) -> FileTree {
        var tree = FileTree()
        for directory in recipe.directories { tree.add(.directory, at: directory) }
        // Programs after applets: the real rdate, not busybox's, is what a recipe that names it wants.
        try await addApplets(recipe.applets, to: &tree)
        for program in recipe.programs { try await add(program: program, to: &tree) }
        try await modules.add(recipe.modules, to: &tree)
        try tree.add(contentsOf: files)
        return tree
    }

    /// A path in the packages, which have it with or without `/usr` depending on the release.
    func locate(_ path: String) throws(ImageError) -> FilePath {
        let plain = path.drop { $0 == "/" }
        let short = plain.hasPrefix("usr/") ? plain.dropFirst(4) : plain
        for candidate in [String(short), "usr/\(short)"] {
            let file = packages.appending(candidate)
            if FileManager.default.fileExists(atPath: file.string) { return file }
        }
        throw .notInPackages(path: path, image: image)
    }

    private func add(program: String, to tree: inout FileTree) async throws(ImageError) {
        let file = try locate(program)
        tree.add(.file(isExecutable: true, content: try Folder.read(file)), at: program)
        for library in try await libraries(of: file) {
            let folder = library.name.hasPrefix("ld-") ? "lib64" : "lib/x86_64-linux-gnu"
            tree.add(
                .file(isExecutable: true, content: try Folder.read(library.file)),
                at: "\(folder)/\(library.name)"
            )
        }
    }

    /// The shared libraries that a program loads, found by the packages' own dynamic loader.
    private func libraries(of file: FilePath) async throws(ImageError) -> [(name: String, file: FilePath)] {
        let name = "lib/x86_64-linux-gnu/ld-linux-x86-64.so.2"
        guard try isDynamic(file) else { return [] }
        let loader = try locate(name)
        let folders = ["lib/x86_64-linux-gnu", "usr/lib/x86_64-linux-gnu"].map {
            packages.appending($0).string
        }
        let output = try await programs.run(
            loader,
            ["--library-path", folders.joined(separator: ":"), "--inhibit-cache", "--list", file.string]
        )
        var found = [(name: "ld-linux-x86-64.so.2", file: loader)]
        for line in output.split(separator: "\n") {
            // `libc.so.6 => /…/libc.so.6 (0x…)`; a line without an arrow is the kernel's own.
            let words = line.split(whereSeparator: \.isWhitespace)
            guard words.count >= 3, words[1] == "=>", !words[0].hasPrefix("/") else { continue }
            guard words[2].hasPrefix("/") else { throw .notInPackages(path: String(words[0]), image: image) }
            found.append((String(words[0]), FilePath(String(words[2]))))
        }
        return found
    }

    /// Whether an ELF file names an interpreter (program header PT_INTERP, System V ABI, chapter 5).
    private func isDynamic(_ file: FilePath) throws(ImageError) -> Bool {
        let bytes = try Folder.read(file)
        guard bytes.count > 64, bytes.starts(with: [0x7F, 0x45, 0x4C, 0x46]) else { return false }
        func number(_ offset: Int, _ width: Int) -> Int {
            guard offset >= 0, offset + width <= bytes.count else { return 0 }
            return (0..<width).reduce(0) { $0 | Int(bytes[offset + $1]) << ($1 * 8) }
        }
        let (headers, size, count) = (number(32, 4), number(54, 2), number(56, 2))
        return (0..<count).contains { number(headers + $0 * size, 4) == 3 }
    }

    /// Links the applets' names to busybox, where busybox itself says that they belong.
    private func addApplets(_ names: [String], to tree: inout FileTree) async throws(ImageError) {
        guard !names.isEmpty else { return }
        let list = try await programs.run(try locate("/bin/busybox"), ["--list-full"])
        var unseen = Set(names)
        for path in list.split(separator: "\n").map(String.init) {
            guard let name = path.split(separator: "/").last.map(String.init) else { continue }
            guard names == ["all"] || names.contains(name) else { continue }
            unseen.remove(name)
            if name != "busybox" { tree.add(.link(to: "/bin/busybox"), at: path) }
        }
        unseen.remove("all")
        if let lacking = unseen.min() {
            throw .notInPackages(path: "busybox applet \(lacking)", image: image)
        }
    }
}
