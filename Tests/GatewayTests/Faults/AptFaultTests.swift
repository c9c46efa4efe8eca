import Foundation
import LabModel
import Testing

@testable import Gateway

/// A small mirror, as apt wants it: an index, a Release file with its check sums, and a package.
private struct AptMirror {
    let lab: RunningGateway
    static let package = Data.pattern(50_000)

    init(_ lab: RunningGateway, validUntil: String? = "Fri, 01 Jan 2100 00:00:00 UTC") async throws {
        self.lab = lab
        let dists = "apt/dists/stable"
        let sum = try await Self.sum(of: lab.folder.write("apt/pool/hello_1_all.deb", Self.package))
        let index = try lab.folder.write(
            "\(dists)/main/binary-all/Packages",
            """
            Package: hello
            Version: 1
            Architecture: all
            Maintainer: nobody <nobody@vlab.test>
            Filename: pool/hello_1_all.deb
            Size: \(Self.package.count)
            SHA256: \(sum)
            Description: a package

            """
        )
        let size = try FileManager.default.attributesOfItem(atPath: index)[.size] as? Int ?? 0
        let date = validUntil.map { "Valid-Until: \($0)\n" } ?? ""
        try lab.folder.write(
            "\(dists)/Release",
            """
            Origin: vlab
            Suite: stable
            Codename: stable
            Date: Thu, 01 Jan 2026 00:00:00 UTC
            \(date)Architectures: all
            Components: main
            SHA256:
             \(try await Self.sum(of: index)) \(size) main/binary-all/Packages

            """
        )
        // A state of its own, so that the machine's is neither read nor changed.
        for folder in ["state/lists/partial", "cache/archives/partial", "etc/sources.list.d", "log"] {
            try lab.folder.write("root/\(folder)/.keep", "")
        }
        try lab.folder.write("root/state/status", "")
        try lab.folder.write(
            "root/apt.conf",
            """
            Dir "\(lab.folder.path)/root"; Dir::State "state"; Dir::State::status "state/status"; Dir::Cache "cache";
            Dir::Etc "etc"; Dir::Etc::Parts "/dev/null"; Dir::Etc::SourceParts "sources.list.d"; Dir::Log "log";
            APT::Architecture "all"; APT::Architectures { "all"; }; APT::Sandbox::User ""; Acquire::Languages "none";
            Acquire::Retries "0"; Acquire::http::Proxy "http://127.0.0.1:\(lab.ports.tcp)"; Acquire::http::Timeout "10";
            Debug::NoLocking "true";

            """
        )
        try lab.folder.write(
            "root/etc/sources.list",
            "deb [trusted=yes] http://mirror-a.vlab.test/images/apt stable main\n"
        )
    }

    private static func sum(of file: String) async throws -> String {
        String(try await shell("sha256sum '\(file)'").text.prefix { $0 != " " })
    }

    /// What apt says, on both streams.
    func apt(_ command: String) async throws -> (status: Int32, text: String) {
        let config = "\(lab.folder.path)/root/apt.conf"
        let done = try await shell(
            "cd '\(lab.folder.path)'; APT_CONFIG='\(config)' LC_ALL=C timeout 40 \(command) 2>&1"
        )
        return (done.status, done.text)
    }
}

@Suite("apt", .timeLimit(.minutes(2)))
struct AptFaultTests {
    @Test(
        "tells a broken mirror in its own words, and is content when it is healed",
        arguments: [
            ("http.stale", [:], "**/Packages", "Hash Sum mismatch"),
            ("http.stale", ["differs": "size"], "**/Packages", "File has unexpected size"),
            ("http.expired-signature", [:], "**/stable/*Release", "is expired (invalid since"),
            ("http.missing", [:], "**/Packages", "404  Not Found"),
            ("http.status", ["code": "503"], "**/Packages", "503  Service Unavailable"),
            ("http.redirect-loop", [:], "**/Packages", "Redirection loop encountered"),
            ("http.truncate", ["at": "50%"], "**/Packages", "Remote end closed connection"),
            ("http.truncate", ["at": "50%", "length": "bad"], "**/Packages", "File has unexpected size"),
            ("http.corrupt", [:], "**/Packages", "Hash Sum mismatch"),
            ("http.wrong-content", [:], "**/Packages", "File has unexpected size"),
            ("http.empty-reply", [:], "**/Packages", "Connection failed"),
        ] as [(String, [String: String], TextPattern, String)]
    )
    func update(kind: String, arguments: [String: String], path: TextPattern, words: String) async throws {
        try await RunningGateway.with { lab in
            let mirror = try await AptMirror(lab)
            try lab.gateway.install(Rule(id: "x", kind, arguments, match: Match(path: path)))
            let broken = try await mirror.apt("apt-get update")
            #expect(broken.text.contains(words), "\(broken.text)")
            #expect(!lab.events.named("fault.applied").isEmpty)
            #expect(lab.gateway.remove("x"))
            let whole = try await mirror.apt("apt-get update")
            #expect(whole.status == 0 && !whole.text.contains("E:"), "\(whole.text)")
            let download = try await mirror.apt("apt-get download hello")
            #expect(download.status == 0, "\(download.text)")
            let isWhole = try lab.folder.read("hello_1_all.deb") == AptMirror.package
            #expect(isWhole)
        }
    }

    @Test(
        "misses one package of a mirror that has the rest",
        arguments: [
            ("http.missing", [:], "404  Not Found"), ("http.corrupt", ["bits": "3"], "Hash Sum mismatch"),
            ("http.reset", ["at": "100"], "E: Failed to fetch"),
            ("http.proxy-auth", [:], "407  Proxy Authentication Required"),
        ] as [(String, [String: String], String)]
    )
    func download(kind: String, arguments: [String: String], words: String) async throws {
        try await RunningGateway.with { lab in
            let mirror = try await AptMirror(lab)
            try lab.gateway.install(
                Rule(id: "x", kind, arguments, match: Match(path: "~^/images/apt/pool/.*\\.deb$"))
            )
            let update = try await mirror.apt("apt-get update")
            #expect(update.status == 0, "\(update.text)")
            let broken = try await mirror.apt("apt-get download hello")
            #expect(broken.status != 0 && broken.text.contains(words), "\(broken.text)")
            #expect(lab.gateway.remove("x"))
            let whole = try await mirror.apt("apt-get download hello")
            #expect(whole.status == 0, "\(whole.text)")
        }
    }

    @Test("gets a date into a Release file that had none, behind what a signed one begins with")
    func inserted() throws {
        let fault = try HTTPExpiredRelease(FaultArguments([:], for: HTTPExpiredRelease.form))
        let signed = "-----BEGIN PGP SIGNED MESSAGE-----\nHash: SHA256\n\nOrigin: Debian\nSuite: stable\n"
        let expired = String(decoding: fault.expired(Array(signed.utf8)), as: UTF8.self)
        #expect(
            expired
                == "-----BEGIN PGP SIGNED MESSAGE-----\nHash: SHA256\n\nValid-Until: Sat, 01 Jan 2000 00:00:00 UTC\n"
                + "Origin: Debian\nSuite: stable\n"
        )
        let dated = Array("Origin: a\nValid-Until: Fri, 01 Jan 2100 00:00:00 UTC\nSuite: b\n".utf8)
        #expect(
            String(decoding: fault.expired(dated), as: UTF8.self)
                == "Origin: a\nValid-Until: Sat, 01 Jan 2000 00:00:00 UTC\nSuite: b\n"
        )
    }
}
