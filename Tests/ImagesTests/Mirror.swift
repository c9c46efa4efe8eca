import Foundation
import Images
import Subprocess
import SystemPackage

/// The deployment server and mirror of `Tests/Fixtures/images/mirror.py`, on loopback.
struct Mirror {
    let port: Int
    /// Where what it serves is.
    let folder: FilePath
    fileprivate let log: FilePath

    /// The address of a path, as a guest sees this machine's loopback.
    func url(_ path: String) -> String { "http://10.20.0.1:\(port)\(path)" }

    /// Every request so far: path and Range header.
    var requests: [String] {
        get throws {
            try String(contentsOfFile: log.string, encoding: .utf8).split(separator: "\n").dropFirst().map(
                String.init
            )
        }
    }

    /// What the installer reported, in order: `clock`, `download`, ….
    var stages: [String] {
        get throws {
            var stages: [String] = []
            for request in try requests where request.hasPrefix("/report") {
                let stage = request.split(separator: "=")[1].prefix { $0 != "&" }
                if stages.last != String(stage) { stages.append(String(stage)) }
            }
            return stages
        }
    }

    /// The requests for the image: its path's query and the range.
    var imageRequests: [String] { get throws { try requests.filter { $0.hasPrefix("/image") } } }

    /// Waits for a report, at most two minutes.
    func wait(forStage stage: String) async throws {
        for _ in 0..<1200 where try stages.last != stage { try await Task.sleep(for: .milliseconds(100)) }
        guard try stages.last == stage else {
            throw Guest.NeverShown(text: "stage=\(stage)", console: try requests.joined(separator: "\n"))
        }
    }

    /// Serves a folder in which `image` is the image, while `body` runs.
    static func serving(
        _ image: BuiltImage,
        in folder: FilePath,
        _ body: (Mirror) async throws -> Void
    ) async throws {
        try FileManager.default.createSymbolicLink(
            atPath: folder.appending("image").string,
            withDestinationPath: image.path(of: "disk.img").string
        )
        let log = folder.appending("requests")
        let file = try FileDescriptor.open(
            log,
            .writeOnly,
            options: [.create, .truncate],
            permissions: .ownerReadWrite
        )
        let script = ImageStore.repository.appending("Tests/Fixtures/images/mirror.py")
        _ = try await Subprocess.run(
            .name("python3"),
            arguments: [script.string, folder.string],
            input: .inputWriter,
            output: .fileDescriptor(file, closeAfterSpawningProcess: true),
            error: .currentStandardError
        ) { _ in
            try await body(Mirror(port: try await port(in: log), folder: folder, log: log))
        }
    }

    private static func port(in log: FilePath) async throws -> Int {
        for _ in 0..<600 {
            let lines = try String(contentsOfFile: log.string, encoding: .utf8).split(separator: "\n")
            if let first = lines.first, let port = Int(first) { return port }
            try await Task.sleep(for: .milliseconds(50))
        }
        throw Guest.NeverShown(text: "a port", console: "mirror.py")
    }
}
