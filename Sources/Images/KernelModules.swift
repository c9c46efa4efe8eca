import Foundation
import SystemPackage

/// The modules of one kernel out of its packages: which need which, by what the modules themselves say.
struct KernelModules: Sendable {
    /// `6.1.0-56-cloud-amd64`.
    let release: String
    private let folder: FilePath
    /// Paths below `folder`, by the module's name with `-` written as `_`.
    private let files: [String: String]
    private let builtIn: Set<String>
    private let programs: ProgramRunner

    /// Finds the one kernel in a folder of unpacked packages.
    init(in packages: FilePath, image: String, programs: ProgramRunner) throws(ImageError) {
        let candidates = ["lib/modules", "usr/lib/modules"].map { packages.appending($0) }
        guard let modules = candidates.first(where: { !Folder.names(in: $0).isEmpty }),
            let release = Folder.names(in: modules).last
        else { throw .notInPackages(path: "/lib/modules", image: image) }
        self.release = release
        self.programs = programs
        folder = modules.appending(release)
        var files: [String: String] = [:]
        let paths = FileManager.default.enumerator(atPath: folder.string)
        while let path = paths?.nextObject() as? String {
            if let name = Self.name(of: path) { files[name] = path }
        }
        self.files = files
        let list = String(decoding: try Folder.read(folder.appending("modules.builtin")), as: UTF8.self)
        builtIn = Set(list.split(separator: "\n").compactMap { Self.name(of: String($0)) })
    }

    /// `kernel/net/8021q/8021q.ko.xz` is `8021q`; nil for what is no module.
    static func name(of path: String) -> String? {
        guard let file = path.split(separator: "/").last, let end = file.firstRange(of: ".ko") else {
            return nil
        }
        let suffix = file[end.upperBound...]
        guard ["", ".xz", ".zst", ".gz"].contains(suffix) else { return nil }
        return String(file[..<end.lowerBound]).replacing("-", with: "_")
    }

    /// Adds the modules, those that they need and the list `modules.dep` that modprobe reads.
    func add(_ names: [String], to tree: inout FileTree) async throws(ImageError) {
        var needs: [String: [String]] = [:]
        var waiting = names
        while let next = waiting.popLast() {
            let name = next.replacing("-", with: "_")
            guard needs[name] == nil, let path = files[name] else { continue }
            let content = try await content(of: path)
            needs[name] = Self.needs(in: content).filter { files[$0] != nil && !builtIn.contains($0) }
            waiting += needs[name] ?? []
            tree.add(
                .file(isExecutable: false, content: content),
                at: "lib/modules/\(release)/\(Self.plain(path))"
            )
        }
        let missing = names.first { name in
            let name = name.replacing("-", with: "_")
            return needs[name] == nil && !builtIn.contains(name)
        }
        if let missing { throw .notInPackages(path: "kernel module \(missing)", image: release) }
        var list = ""
        for name in needs.keys.sorted() {
            // All of them, the innermost last: modprobe loads a line from its end.
            let all = closure(of: name, needs).compactMap { files[$0].map(Self.plain) }
            list += "\(files[name].map(Self.plain) ?? ""): \(all.joined(separator: " "))\n"
        }
        let base = "lib/modules/\(release)"
        tree.add(.file(isExecutable: false, content: Array(list.utf8)), at: "\(base)/modules.dep")
        // modprobe warns when these lack.
        for name in ["modules.alias", "modules.symbols"] {
            tree.add(.file(isExecutable: false, content: []), at: "\(base)/\(name)")
        }
        tree.add(
            .file(isExecutable: false, content: try Folder.read(folder.appending("modules.builtin"))),
            at: "\(base)/modules.builtin"
        )
    }

    /// What a module needs, directly and not, each before what it needs in turn.
    private func closure(of name: String, _ needs: [String: [String]]) -> [String] {
        var order: [String] = []
        func visit(_ name: String) {
            for need in needs[name] ?? [] {
                order.removeAll { $0 == need }
                order.append(need)
                visit(need)
            }
        }
        visit(name)
        return order
    }

    private static func plain(_ path: String) -> String {
        path.firstRange(of: ".ko").map { String(path[..<$0.upperBound]) } ?? path
    }

    private func content(of path: String) async throws(ImageError) -> [UInt8] {
        let file = folder.appending(path)
        let packers: [(String, HostProgram)] = [(".xz", .xz), (".zst", .zstd)]
        guard let (suffix, packer) = packers.first(where: { path.hasSuffix($0.0) }) else {
            return try Folder.read(file)
        }
        let unpacked = FilePath(String(file.string.dropLast(suffix.count)))
        if !Folder.exists(unpacked) {
            _ = try await programs.run(packer, ["-d", "-k", "-q", "-f", file.string])
        }
        return try Folder.read(unpacked)
    }

    /// The names after `depends=` and `softdep=pre:` in a module's section `.modinfo`, which is a list of
    /// texts that end in a zero byte.
    static func needs(in module: [UInt8]) -> [String] {
        let hard = texts(after: "depends=", in: module).flatMap { $0.split(separator: ",") }
        let soft = texts(after: "softdep=pre:", in: module)
            .flatMap { $0.split(separator: " ").prefix { !$0.hasSuffix(":") } }
        return (hard + soft).map { String($0).replacing("-", with: "_") }
    }

    private static func texts(after key: String, in module: [UInt8]) -> [String] {
        let data = Data(module)
        var texts: [String] = []
        var rest = data.startIndex..<data.endIndex
        while let found = data.range(of: Data([0] + Array(key.utf8)), in: rest) {
            let text = data[found.upperBound...].prefix { $0 != 0 }
            texts.append(String(decoding: text, as: UTF8.self))
            rest = text.endIndex..<data.endIndex
        }
        return texts
    }
}
