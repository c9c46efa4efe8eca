import Foundation
import SystemPackage

/// What a file system is to hold, by path without a leading slash.
///
/// Everything in it belongs to root, and
/// `/bin`, `/sbin`, `/lib` and `/lib64` are links into `/usr`, whichever way the packages have it.
struct FileTree: Sendable {
    enum Node: Hashable, Sendable {
        case directory
        case link(to: String)
        case file(isExecutable: Bool, content: [UInt8])
    }

    private(set) var nodes: [String: Node] = [:]

    init() {
        for name in Self.merged {
            add(.directory, at: "usr/\(name)")
            nodes[name] = .link(to: "usr/\(name)")
        }
    }

    private static let merged = ["bin", "sbin", "lib", "lib64"]

    /// Paths in an order in which a folder precedes what is in it.
    var paths: [String] { nodes.keys.sorted { Array($0.utf8).lexicographicallyPrecedes(Array($1.utf8)) } }

    mutating func add(_ node: Node, at path: String) {
        var parts = path.split(separator: "/").map(String.init)
        if let first = parts.first, Self.merged.contains(first) { parts.insert("usr", at: 0) }
        for length in 1..<max(parts.count, 1) {
            let parent = parts.prefix(length).joined(separator: "/")
            if nodes[parent] == nil { nodes[parent] = .directory }
        }
        let normal = parts.joined(separator: "/")
        // A folder that is there already stays, with what is in it.
        if node == .directory, nodes[normal] != nil { return }
        nodes[normal] = node
    }

    /// Adds a folder of the host as it is: its files, folders, links and which files can be executed.
    mutating func add(contentsOf folder: FilePath) throws(ImageError) {
        let manager = FileManager.default
        guard manager.fileExists(atPath: folder.string) else { return }
        do {
            for path in try manager.subpathsOfDirectory(atPath: folder.string).sorted() {
                let source = folder.pushing(FilePath(path)).string
                let attributes = try manager.attributesOfItem(atPath: source)
                switch attributes[.type] as? FileAttributeType {
                case .typeDirectory: add(.directory, at: path)
                case .typeSymbolicLink:
                    add(.link(to: try manager.destinationOfSymbolicLink(atPath: source)), at: path)
                default:
                    add(
                        .file(
                            isExecutable: manager.isExecutableFile(atPath: source),
                            content: [UInt8](try Data(contentsOf: URL(filePath: source)))
                        ),
                        at: path
                    )
                }
            }
        } catch {
            throw .fileSystem(action: "read", path: folder, reason: error.localizedDescription)
        }
    }

    /// Has programs trust a certificate authority, given as PEM, beside those that they trust already.
    ///
    /// It lies where an administrator of Debian puts it, and in what `update-ca-certificates` would make of that.
    mutating func trust(_ authority: String) {
        let bundle = "etc/ssl/certs/ca-certificates.crt"
        var trusted: [UInt8] = []
        if case .file(_, let content)? = nodes[bundle] { trusted = content }
        let own = Array(authority.utf8)
        add(.file(isExecutable: false, content: own), at: "usr/local/share/ca-certificates/vlab.crt")
        add(.file(isExecutable: false, content: trusted + own), at: bundle)
    }

    /// The tree as a ramdisk's archive.
    func archive() -> CpioArchive {
        var archive = CpioArchive()
        for path in paths {
            switch nodes[path] {
            case .directory: archive.add(directory: path)
            case .link(let target): archive.add(link: path, to: target)
            case .file(let isExecutable, let content):
                archive.add(file: path, isExecutable: isExecutable, content: content)
            case nil: continue
            }
        }
        archive.finish()
        return archive
    }

    /// Writes the tree into a folder of the host that exists and is empty.
    func write(to folder: FilePath) throws(ImageError) {
        let manager = FileManager.default
        do {
            for path in paths {
                let target = folder.pushing(FilePath(path)).string
                switch nodes[path] {
                case .directory:
                    try manager.createDirectory(atPath: target, withIntermediateDirectories: true)
                    try manager.setAttributes([.posixPermissions: 0o755], ofItemAtPath: target)
                case .link(let destination):
                    try manager.createSymbolicLink(atPath: target, withDestinationPath: destination)
                case .file(let isExecutable, let content):
                    try Data(content).write(to: URL(filePath: target))
                    try manager.setAttributes(
                        [.posixPermissions: isExecutable ? 0o755 : 0o644],
                        ofItemAtPath: target
                    )
                case nil: continue
                }
            }
        } catch {
            throw .fileSystem(action: "write", path: folder, reason: error.localizedDescription)
        }
    }
}
