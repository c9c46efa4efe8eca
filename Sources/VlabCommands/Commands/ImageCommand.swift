import ArgumentParser
import Certificates
import Foundation
import Images
import Lab
import LabModel
import SystemPackage

struct ImageCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "image",
        abstract: "The images that nodes are installed with.",
        discussion: "Example: vlab image build micro",
        subcommands: [ImageList.self, ImageBuild.self, ImageRemove.self]
    )

    /// What a deployment of a pod with vdeploy needs; another engine may want the smallest.
    private static func needed(for pod: Pod?) -> [String] {
        let tiers = pod.map { Set($0.nodes.map { $0.image ?? .micro }) } ?? [.micro]
        return ["installer"] + tiers.map(\.rawValue).sorted()
    }

    static func store(in state: StateFolders = StateFolders()) throws -> ImageStore {
        ImageStore(cache: FilePath(state.cache), recipes: FilePath(try ProjectFolder.find("Images")))
    }

    /// Throws when there is no recipe for what a pod's nodes are to be installed with.
    static func checkRecipes(for pod: Pod) throws {
        let known = try store().list().map(\.name)
        for name in needed(for: pod) where !known.contains(name) {
            throw LabError(
                pod.name,
                "its lab.yml has nodes installed with \(name), and there is no recipe for that image",
                hint: "there are: \(known.joined(separator: ", "))"
            )
        }
    }

    /// The certificate that images are to trust.
    static func authority(in state: StateFolders = StateFolders()) throws -> String {
        try AuthorityFolder(path: state.authority).authority().certificate
    }

    /// Says which images were built for somebody else's authority, or before there was one.
    static func warnOfDistrust(in state: StateFolders) throws {
        // Without recipes nobody can build any.
        guard let built = try? store(in: state).list().compactMap(\.built), !built.isEmpty else { return }
        let authority = try authority(in: state)
        let names = built.filter { !$0.trusts(authority) }.map(\.name)
        guard !names.isEmpty else { return }
        Notes.say(
            "images \(names.joined(separator: ", ")): warning: they do not trust your authority, so on nodes HTTPS "
                + "that the gateway opens is refused; run: vlab image build \(names.joined(separator: " "))"
        )
    }

    /// Builds what is needed and not there; what is there is taken as it is.
    static func buildMissing(for pod: Pod?, in state: StateFolders) async throws {
        let store = try store(in: state)
        for name in needed(for: pod) where try store.find(name) == nil {
            let progress = Notes.progress("image \(name)")
            _ = try await store.build(name, trusting: authority(in: state), progress: progress)
        }
        try warnOfDistrust(in: state)
        _ = try await HostAccelerator(state).settle(in: store, progress: Notes.progress("accelerator"))
    }
}

struct ImageList: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "list",
        abstract: "Show all images and whether they are built.",
        discussion: "Example: vlab image list --format json"
    )
    @Option(help: "table or json.") var format: OutputFormat = .table

    struct Row: Encodable {
        var image: String
        var digest: String?
        var bytes: UInt64?
        var folder: String?
        /// Whether its programs trust this user's authority; nil when it is not built.
        var isTrusting: Bool?
    }

    func run() async throws {
        let authority = try ImageCommand.authority()
        let rows = try ImageCommand.store().list().map { entry in
            Row(
                image: entry.name,
                digest: entry.built?.digest,
                bytes: entry.built?.bytes,
                folder: entry.built?.folder.string,
                isTrusting: entry.built?.trusts(authority)
            )
        }
        try show(rows, as: format) {
            Table(
                header: ["IMAGE", "DIGEST", "MIB", "TRUSTS", "FOLDER"],
                rows: rows.map { row in
                    [
                        row.image, row.digest.map { String($0.prefix(12)) } ?? "not built",
                        row.bytes.map { "\($0 >> 20)" } ?? "",
                        row.isTrusting.map { $0 ? "you" : "not you" } ?? "",
                        row.folder ?? "",
                    ]
                }
            )
        }
    }
}

struct ImageBuild: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "build",
        abstract: "Build images from Debian packages, unless they are up to date.",
        discussion: "Example: vlab image build micro installer"
    )
    @Argument(help: "The images; all when none is named.") var images: [String] = []

    func run() async throws {
        let (store, authority) = (try ImageCommand.store(), try ImageCommand.authority())
        let chosen = try images.isEmpty ? store.list().map(\.name) : images
        for name in chosen {
            let image = try await store.build(
                name,
                trusting: authority,
                progress: Notes.progress("image \(name)")
            )
            print("\(name): \(image.digest.prefix(12)) in \(image.folder)")
        }
        let accelerator = try await HostAccelerator(StateFolders())
            .settle(in: store, progress: Notes.progress("accelerator"))
        if let accelerator { print("accelerator: \(accelerator)") }
    }
}

struct ImageRemove: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "rm",
        abstract: "Remove what was built of images.",
        discussion: "Example: vlab image rm micro"
    )
    @Argument(help: "The images.") var images: [String]

    func run() async throws {
        let store = try ImageCommand.store()
        for name in images {
            try await store.remove(name)
            print("\(name): removed")
        }
    }
}

/// Folders of data that come with vlab: found from the working folder upwards, else from the program upwards.
enum ProjectFolder {
    static func find(_ name: String) throws -> String {
        let starts = [FileManager.default.currentDirectoryPath, LabLauncher.program]
        for start in starts {
            var url = URL(fileURLWithPath: start).standardizedFileURL
            for _ in url.pathComponents {
                let candidate = url.appendingPathComponent(name).path
                if FileManager.default.fileExists(atPath: candidate + "/installer/recipe") {
                    return candidate
                }
                url.deleteLastPathComponent()
            }
        }
        throw LabError(
            name,
            "the folder was not found from \(starts.joined(separator: " or ")) upwards",
            hint: "run vlab in its project's folder"
        )
    }
}
