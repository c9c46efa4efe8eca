import Foundation

@testable import DownloadCache

/// A Debian mirror in one of its states, as far as apt reads it before it installs anything.
struct AptMirror: Sendable {
    static let root = "http://mirror.example.org/debian/dists/trixie"

    let state: Int
    /// By their paths from the root.
    let files: [String: String]

    /// What changes from state to state, and what stays.
    init(state: Int) {
        self.state = state
        var files = [
            "main/binary-amd64/Packages": "Package: hello\nVersion: 2.\(state)\n",
            "main/binary-amd64/Packages.xz": "xz of hello 2.\(state)",
            "main/i18n/Translation-en.xz": "xz of translations of \(state / 2)",
            "contrib/binary-amd64/Packages.xz": "xz of contrib, the same in all states",
            "main/binary-amd64/Release": "Archive: stable\nOrigin: Debian\nComponent: main\n",
        ]
        var lines = [
            "Origin: Debian", "Label: Debian", "Suite: stable", "Version: 13.\(state)", "Codename: trixie",
            "Date: Sat, \(10 + state) Jan 2026 09:00:00 UTC", "Acquire-By-Hash: yes", "MD5Sum:",
            " d41d8cd98f00b204e9800998ecf8427e 0 main/empty", "SHA256:",
        ]
        for (path, text) in files.sorted(by: { $0.key < $1.key }) {
            lines.append(" \(Digest.hex(of: text)) \(text.utf8.count) \(path)")
            let folder = path[...(path.lastIndex(of: "/") ?? path.startIndex)]
            files["\(folder)by-hash/SHA256/\(Digest.hex(of: text))"] = text
        }
        let release = lines.joined(separator: "\n") + "\n"
        files["Release"] = release
        files["Release.gpg"] = "signature of state \(state)"
        files["InRelease"] = """
            -----BEGIN PGP SIGNED MESSAGE-----
            Hash: SHA512

            \(release)-----BEGIN PGP SIGNATURE-----

            iQ\(state)
            -----END PGP SIGNATURE-----

            """
        self.files = files
    }

    /// What apt asks for after the release file.
    static let members = [
        "main/binary-amd64/Packages.xz", "main/i18n/Translation-en.xz", "contrib/binary-amd64/Packages.xz",
    ]

    func byHash(_ path: String) -> String {
        let folder = path[...(path.lastIndex(of: "/") ?? path.startIndex)]
        return "\(folder)by-hash/SHA256/\(Digest.hex(of: files[path] ?? ""))"
    }
}

/// A lab that records, or one that has no way out.
struct AptClient {
    let cache: DownloadCache
    var served: ReleaseFile?

    init(_ cache: DownloadCache) { self.cache = cache }

    /// What the client gets from the mirror that is outside at this moment, if any; nil when it gets an error.
    mutating func get(_ path: String, from mirror: AptMirror?) async throws -> String? {
        let request = CacheRequest("GET", "\(AptMirror.root)/\(path)")
        var text: String?
        if let mirror {
            switch try cache.claim(request) {
            case .recorded(let recorded) where recorded.response.status == 200:
                text = try recorded.bytes().text
            case .recorded, .underWay: break
            case .yours(let recorder):
                let body = mirror.files[path]
                do {
                    let length = HeaderField("Content-Length", "\(body?.utf8.count ?? 0)")
                    let status = body == nil ? 404 : 200
                    _ = try recorder.begin(status: status, headers: [length])
                    try recorder.append(Array((body ?? "").utf8))
                    _ = try await recorder.finish()
                    text = body
                } catch DownloadCacheError.mirrorMovedOn {
                    // The gateway answers with an error, and serves nothing of it.
                }
            }
        } else {
            let found = try cache.lookup(request)
            text = found?.response.status == 200 ? try found?.bytes().text : nil
        }
        if path == "InRelease" || path == "Release" {
            served = text.flatMap { ReleaseFile(Data($0.utf8)) }
        }
        return text
    }
}
