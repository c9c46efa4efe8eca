import Crypto
import Foundation
import LabModel

/// Files of images, fetched from the mirrors into the work folder and checked.
struct ImageCache: Sendable {
    let folder: String
    let mirrors: [String]
    let rules: DownloadRules
    let world: World
    let log: DeployLog

    func path(_ image: String, _ file: String) -> String { "\(folder)/\(image)/\(file)" }

    /// A manifest, always asked for anew, because it says what is current.
    func manifest<Manifest: Decodable & Sendable>(
        _ image: String,
        as type: Manifest.Type
    ) async throws -> Manifest {
        try await trying("\(image)/manifest.json") { mirror in
            let path = path(image, "manifest.json")
            try remove(path)
            try await world.files.fetch(
                "\(mirror)/images/\(image)/current/manifest.json",
                to: path,
                resume: false,
                rules: rules
            )
            return try JSONDecoder().decode(type, from: Data(contentsOf: URL(fileURLWithPath: path)))
        }
    }

    /// A file of an image; one that is there with the right checksum is not fetched again.
    func file(_ image: String, _ file: String, sha256: String) async throws {
        let path = path(image, file)
        if try digest(path) == sha256 { return log.say("\(image)/\(file) is here", .validate) }
        let part = path + ".part"
        if !rules.resume { try remove(part) }
        try await trying("\(image)/\(file)") { mirror in
            try await world.files.fetch(
                "\(mirror)/images/\(image)/current/\(file)",
                to: part,
                resume: rules.resume,
                rules: rules
            )
            let found = try digest(part)
            guard found == sha256 else {
                try remove(part)
                throw DeployError("its SHA-256 is \(found ?? "missing"), not \(sha256)")
            }
            try remove(path)
            try FileManager.default.moveItem(atPath: part, toPath: path)
        }
        log.say("\(image)/\(file) fetched and checked", .validate)
    }

    private func trying<Result: Sendable>(
        _ what: String,
        _ body: (String) async throws -> Result
    ) async throws -> Result {
        var last = "no mirror is given"
        for attempt in 1...rules.tries {
            let mirror = mirrors[(attempt - 1) % mirrors.count]
            do {
                return try await body(mirror)
            } catch let error as CancellationError {
                throw error
            } catch {
                try Task.checkCancellation()
                last = "\(error)"
                log.say("\(what) from \(mirror): try \(attempt) of \(rules.tries): \(last)", .validate)
            }
            if attempt < rules.tries { try await world.time.sleep(for: rules.pause) }
        }
        throw DeployError("\(what): cannot fetch: \(last) (\(rules.tries) tries)", hint: "check --mirror")
    }

    private func remove(_ path: String) throws {
        let files = FileManager.default
        if files.fileExists(atPath: path) { try files.removeItem(atPath: path) }
        let folder = URL(fileURLWithPath: path).deletingLastPathComponent()
        try files.createDirectory(at: folder, withIntermediateDirectories: true)
    }

    /// Nil when the file is not there.
    private func digest(_ path: String) throws -> String? {
        guard FileManager.default.fileExists(atPath: path) else { return nil }
        let file = try FileHandle(forReadingFrom: URL(fileURLWithPath: path))
        var hash = SHA256()
        while let chunk = try file.read(upToCount: 1 << 20), !chunk.isEmpty { hash.update(data: chunk) }
        return hash.finalize().map(\.hex).joined()
    }
}
