import Foundation
import LabModel
import Subprocess
import SystemPackage

/// Recorded responses as a plain tar, to carry them to another machine.
extension CacheCare {
    /// What went into a tar or came out of one.
    package struct Carried: Hashable, Sendable {
        package var responses = 0
        package var bytes = 0
    }

    /// What stands for standard output, and for standard input.
    package static let pipe: FilePath = "-"

    /// The last file of a tar: one without it is cut short, which tar itself need not notice.
    private static let end = "end"

    /// Writes all responses whose URL one of the patterns matches; all, when there is none.
    ///
    /// A file appears when it is whole, in the place of one that was there before; nothing is written when a content is
    /// not what it was. `checking` is told how far reading them is, `progress` what is going to be written.
    package func export(
        _ patterns: [Glob],
        to path: FilePath,
        checking: (Verification) -> Void = { _ in },
        progress: (Carried) -> Void = { _ in }
    ) async throws(DownloadCacheError) -> Carried {
        let (stage, lock) = try folder.incomingFolder()
        defer { withExtendedLifetime(lock) {} }
        // What cannot be removed is a leftover.
        defer { _ = try? Disk.remove(stage) }
        let staged = CacheFolder(root: stage)
        let (carried, urls) = try folder.locked { () throws(DownloadCacheError) in
            try gather(patterns, in: staged)
        }
        guard carried.responses > 0 else {
            throw .noMatch(pattern: patterns.map(\.description).joined(separator: " "))
        }
        try CacheCare(staged).check(urls, checking)
        progress(carried)
        let folders = try Disk.names(in: stage)
        _ = try Disk.open(stage.appending(Self.end), .writeOnly, [.create, .closeOnExec])
        let contents = ["--directory", stage.string] + folders + [Self.end]
        let isFile = path != Self.pipe && Disk.mayBeFile(path)
        let target = isFile ? FilePath(path.string + ".part") : path
        do {
            try await Self.tar(["--create", "--file", target.string] + contents)
            if isFile { try Disk.rename(target, to: path) }
        } catch {
            // It may not even have been made, and why it failed is what counts.
            if isFile { _ = try? Disk.remove(target) }
            throw error
        }
        return carried
    }

    /// Gives what is wanted a second name: it stays, whatever is cleared up meanwhile.
    ///
    /// With the URLs that each content answers, by its digest.
    private func gather(
        _ patterns: [Glob],
        in stage: CacheFolder
    ) throws(DownloadCacheError) -> (Carried, urls: [String: [String]]) {
        var carried = Carried()
        var keys: Set<String> = []
        var urls: [String: [String]] = [:]
        var lacking: [String] = []
        for stored in try storedEntries() {
            guard let entry = stored.entry, Self.isWanted(entry.url, patterns) else { continue }
            try Disk.link(stored.path, to: stage.entry(stored.key))
            keys.insert(stored.key)
            carried.responses += entry.responses.count
            for response in entry.responses {
                let isFirst =
                    urls.updateValue((urls[response.digest] ?? []) + [entry.url], forKey: response.digest)
                    == nil
                guard isFirst else { continue }
                guard try Disk.status(folder.blob(response.digest)) != nil else {
                    lacking.append("\(entry.url): its content is not there")
                    continue
                }
                try Disk.link(folder.blob(response.digest), to: stage.blob(response.digest))
                carried.bytes += response.size
            }
        }
        guard lacking.isEmpty else { throw .damaged(lacking) }
        for set in try storedSets() where set.releaseKeys.contains(where: keys.contains) {
            try Disk.link(folder.set(set.id, of: set.root), to: stage.set(set.id, of: set.root))
        }
        return (carried, urls)
    }

    /// Reads all contents: what rots on the disk is not to be carried on.
    private func check(
        _ urls: [String: [String]],
        _ progress: (Verification) -> Void
    ) throws(DownloadCacheError) {
        var report = Verification()
        var rotten: [String] = []
        for path in try Self.files(below: folder.blobs) {
            guard let (digest, size) = try Self.digest(of: path) else { continue }
            report.contents += 1
            report.bytes += size
            progress(report)
            guard let name = path.lastComponent?.string, name != digest else { continue }
            rotten += (urls[name] ?? []).map {
                "\($0): its content's SHA-256 is \(digest) instead of \(name)"
            }
        }
        guard rotten.isEmpty else { throw .damaged(rotten) }
    }

    /// Takes in what another cache exported; nothing of it, when anything in it is not what it says.
    package func `import`(
        _ path: FilePath,
        progress: (Verification) -> Void = { _ in }
    ) async throws(DownloadCacheError) -> Carried {
        let (stage, lock) = try folder.incomingFolder()
        defer { withExtendedLifetime(lock) {} }
        defer { _ = try? Disk.remove(stage) }  // As above.
        if path != Self.pipe { _ = try Disk.open(path, .readOnly, .closeOnExec) }
        do {
            try await Self.tar([
                "--extract", "--file", path.string, "--directory", stage.string, "--no-same-owner",
                "--no-same-permissions",
            ])
        } catch .programFailed(_, let reason) {
            throw .badArchive(path: path, problems: [reason])
        }
        let staged = CacheFolder(root: stage)
        let strangers = Self.strangers(in: stage, staged)
        guard strangers.isEmpty else { throw .badArchive(path: path, problems: strangers) }
        guard try Disk.remove(stage.appending(Self.end)) else {
            throw .badArchive(path: path, problems: ["it is cut short: its last file is not there"])
        }
        try staged.make()
        let report = try CacheCare(staged).verify(progress: progress)
        guard report.findings.isEmpty else {
            throw .badArchive(
                path: path,
                problems: report.findings.map { "\(Self.name($0.path, in: stage)): \($0.problem)" }
            )
        }
        return try folder.locked { () throws(DownloadCacheError) in try take(staged) }
    }

    /// Contents first, then states, then entries: each is visible only with what it needs.
    private func take(_ staged: CacheFolder) throws(DownloadCacheError) -> Carried {
        var carried = Carried()
        var added = 0
        for path in try Self.files(below: staged.blobs) {
            let digest = path.lastComponent?.string ?? ""
            let file = try Disk.open(path, .readOnly, .closeOnExec)
            let size = try Disk.status(file, path).size
            carried.bytes += size
            if try Disk.status(folder.blob(digest)) == nil { added += size }
            try folder.place(blob: path, file, digest)
        }
        for set in try CacheCare(staged).storedSets() {
            let path = staged.set(set.id, of: set.root)
            let target = folder.set(set.id, of: set.root)
            // One that is there is locked by those who serve it.
            guard try Disk.status(target) == nil else { continue }
            try folder.place(path, try Disk.open(path, .readOnly, .closeOnExec), at: target)
        }
        for stored in try CacheCare(staged).storedEntries() {
            guard let come = stored.entry else { continue }
            let path = folder.entry(stored.key)
            var entry = come
            // What is there and cannot be read is replaced.
            if let data = try Disk.contents(path), let own = try? CacheEntry(decoding: data) {
                entry = own
                for response in come.responses
                where !own.responses.contains(where: {
                    $0.vary == response.vary && $0.recorded >= response.recorded
                }) {
                    _ = entry.add(response)
                }
            }
            try folder.write(try DownloadCache.encoded(entry, path), to: path)
            carried.responses += come.responses.count
        }
        if let counted = folder.countedSize { try folder.count(counted + added) }
        return carried
    }

    /// Whatever is no file, or is not where one of a cache's files would be.
    private static func strangers(in stage: FilePath, _ staged: CacheFolder) -> [String] {
        let found = FileManager.default.enumerator(atPath: stage.string)?.compactMap { $0 as? String } ?? []
        return found.sorted().compactMap { name in
            // What has no type is a stranger too.
            let type = try? FileManager.default.attributesOfItem(atPath: "\(stage)/\(name)")[.type]
            let parts = name.split(separator: "/").map(String.init)
            switch type as? FileAttributeType {
            case .typeDirectory? where parts.count <= 3: return nil
            case .typeRegular?:
                let stem = parts.last.map { $0.hasSuffix(".json") ? String($0.dropLast(5)) : $0 } ?? ""
                let path = stage.appending(name)
                let isOwn =
                    name == Self.end || path == staged.blob(stem) || path == staged.entry(stem)
                    || parts.count == 3 && parts[0] == "sets" && Digest.isOne(parts[1]) && Digest.isOne(stem)
                return isOwn ? nil : "\(name): no file of a cache"
            default: return "\(name): neither a file nor a folder of a cache"
            }
        }
    }

    private static func name(_ path: FilePath, in stage: FilePath) -> String {
        String(path.string.dropFirst(stage.string.count + 1))
    }

    /// Standard input and output are this process's own, for a tar that comes or goes there.
    static func tar(_ arguments: [String]) async throws(DownloadCacheError) {
        let command = "tar \(arguments.first ?? "")"
        let result: ExecutionResult<Void, FileDescriptorOutput, StringOutput<UTF8>>
        do {
            result = try await Subprocess.run(
                .name("tar"),
                // A colon in a name does not make it another machine's.
                arguments: Arguments(["--force-local"] + arguments),
                input: .fileDescriptor(.standardInput, closeAfterSpawningProcess: false),
                output: .fileDescriptor(.standardOutput, closeAfterSpawningProcess: false),
                error: .string(limit: 1 << 20)
            )
        } catch {
            throw .programFailed(command: command, reason: "\(error)")
        }
        guard result.terminationStatus.isSuccess else {
            // What follows the first line only says that it gave up.
            let line = result.standardError.split(separator: "\n").first.map(String.init)
            // Without the name of the program, which is told.
            let words = line?.range(of: "tar: ").flatMap { line?[$0.upperBound...] }.map(String.init) ?? line
            throw .programFailed(command: command, reason: words ?? "\(result.terminationStatus)")
        }
    }
}
