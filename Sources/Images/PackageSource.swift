import Crypto
import Foundation
import SystemPackage

/// A Debian package as the host's package lists describe it.
struct DebianPackage: Hashable, Sendable {
    /// `busybox-static_1%3a1.35.0-4_amd64.deb`, which holds name, version and architecture.
    var fileName: String
    var bytes: UInt64
    var sha256: String
    /// What apt-get download takes: `name=version`.
    var request: String {
        let parts = fileName.split(separator: "_")
        guard parts.count >= 2 else { return fileName }
        return "\(parts[0])=\(parts[1].replacing("%3a", with: ":").replacing("%2b", with: "+"))"
    }
}

/// Fetches packages from the host's own apt sources, as any user, and keeps them by their digest.
struct PackageSource: Sendable {
    let programs: ProgramRunner
    /// Where packages and private package lists are kept.
    let cache: FilePath
    /// Whether the lists under `cache` are used in place of the host's.
    private(set) var usesOwnLists = false

    init(programs: ProgramRunner, cache: FilePath) {
        (self.programs, self.cache) = (programs, cache)
    }

    /// The same source with package lists of its own, at most an hour old.
    ///
    /// The lists of a host may be missing or old, and only root may bring them up to date.
    func withOwnLists() async throws(ImageError) -> PackageSource {
        var source = self
        source.usesOwnLists = true
        let lists = cache.appending("lists/lists")
        try Folder.make(lists.appending("partial"))
        try Folder.make(cache.appending("lists/archives/partial"))
        let lock = try await BuildLock.take(cache.appending("lists/.lock")) {}
        defer { withExtendedLifetime(lock) {} }
        let stamp = cache.appending("lists/updated")
        if let age = Folder.age(of: stamp), age < 3600 { return source }
        _ = try await programs.run(.aptGet, source.options + ["-q", "update"])
        try Folder.write([], to: stamp)
        return source
    }

    private var options: [String] {
        var options = ["-o", "Acquire::ForceHash=SHA256", "-o", "APT::Sandbox::User="]
        // As if nothing were installed: then the dependencies include the C library.
        options += ["-o", "Dir::State::status=\(cache.appending("empty-status"))"]
        // apt's digest of the lists, which it makes anew for every run unless it may keep it: 0.6 s each.
        let digests = usesOwnLists ? cache.appending("lists") : cache
        options += ["-o", "Dir::Cache::pkgcache=\(digests.appending("pkgcache.bin"))"]
        options += ["-o", "Dir::Cache::srcpkgcache=\(digests.appending("srcpkgcache.bin"))"]
        if usesOwnLists {
            let own = cache.appending("lists")
            options += ["-o", "Dir::State=\(own)", "-o", "Dir::State::lists=\(own.appending("lists"))"]
            options += ["-o", "Dir::Cache=\(own)"]
        }
        return options
    }

    /// The packages and all that they depend on.
    func resolve(_ names: [String]) async throws(ImageError) -> [DebianPackage] {
        try prepare()
        do {
            let install = ["-y", "-qq", "--no-install-recommends", "--print-uris", "install"]
            return Self.packages(in: try await programs.run(.aptGet, options + install + names))
        } catch {
            for name in names where try await !isKnown(name) { throw .packageNotFound([name]) }
            throw error
        }
    }

    /// The first of the kernel packages that there is, without what would install a kernel (a ramdisk and boot
    /// loader tools), but with the packages that hold its image and modules.
    func resolveKernel(_ alternatives: [String]) async throws(ImageError) -> [DebianPackage] {
        try prepare()
        var found: String?
        for name in alternatives where found == nil {
            if try await isKnown(name) { found = name }
        }
        guard let found else { throw .packageNotFound(alternatives) }
        var wanted = [found]
        var next = 0
        while next < wanted.count {
            let output = try await programs.run(.aptCache, options + ["depends", wanted[next]])
            next += 1
            for line in output.split(separator: "\n") {
                let words = line.split(separator: " ")
                guard words.count == 2, words[0] == "Depends:" else { continue }
                let name = String(words[1])
                let isPart = name.hasPrefix("linux-image-") || name.hasPrefix("linux-modules-")
                if isPart, !wanted.contains(name) { wanted.append(name) }
            }
        }
        // In an empty folder: apt-get is silent about a package whose file is already in the current one.
        let empty = cache.appending("empty")
        try Folder.make(empty)
        let output = try await programs.run(
            .aptGet,
            options + ["-qq", "--print-uris", "download"] + wanted,
            in: empty
        )
        return Self.packages(in: output)
    }

    /// Brings the packages into the cache unless they are there; returns their files in the same order.
    func fetch(
        _ packages: [DebianPackage],
        progress: (String) -> Void
    ) async throws(ImageError) -> [FilePath] {
        let missing = packages.filter { (try? digest(of: file(of: $0))) != $0.sha256 }  // Absent: fetch it.
        if !missing.isEmpty {
            let total = missing.reduce(0) { $0 + $1.bytes }
            progress("fetching \(missing.count) packages, \((total + 1_048_575) >> 20) MiB")
            let folder = cache.appending(".fetch-\(UUID().uuidString)")
            try Folder.make(folder)
            defer { Folder.removeQuietly(folder) }
            _ = try await programs.run(
                .aptGet,
                options + ["-qq", "download"] + missing.map(\.request),
                in: folder
            )
            for package in missing {
                let fetched = folder.appending(package.fileName)
                let found = try digest(of: fetched)
                guard found == package.sha256 else {
                    throw .wrongDigest(file: package.fileName, expected: package.sha256, found: found)
                }
                try Folder.make(file(of: package).removingLastComponent())
                try Folder.rename(fetched, to: file(of: package))
            }
        }
        return packages.map(file(of:))
    }

    private func prepare() throws(ImageError) {
        try Folder.make(cache)
        let status = cache.appending("empty-status")
        if !Folder.exists(status) { try Folder.write([], to: status) }
    }

    private func isKnown(_ name: String) async throws(ImageError) -> Bool {
        do {
            return try await !programs.run(.aptCache, options + ["show", "--no-all-versions", name]).isEmpty
        } catch {
            if case .programFailed = error { return false }
            throw error
        }
    }

    private func file(of package: DebianPackage) -> FilePath {
        cache.appending("packages").appending(package.sha256).appending(package.fileName)
    }

    private func digest(of file: FilePath) throws(ImageError) -> String {
        Digest.hex(of: try Folder.read(file))
    }

    /// Reads lines such as `'http://…/rdate_1.deb' rdate_1.11-3_amd64.deb 17332 SHA256:3d11…`.
    static func packages(in output: String) -> [DebianPackage] {
        var found: [DebianPackage] = []
        for line in output.split(separator: "\n") where line.hasPrefix("'") {
            let words = line.split(separator: " ")
            guard words.count == 4, let bytes = UInt64(words[2]), words[3].hasPrefix("SHA256:") else {
                continue
            }
            let package = DebianPackage(
                fileName: String(words[1]),
                bytes: bytes,
                sha256: String(words[3].dropFirst(7))
            )
            if !found.contains(package) { found.append(package) }
        }
        return found
    }
}
