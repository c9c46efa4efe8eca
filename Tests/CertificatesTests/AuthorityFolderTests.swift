import Foundation
import TestSupport
import Testing

@testable import Certificates

@Suite("The folder of the authority")
struct AuthorityFolderTests {
    private static func mode(_ path: String) throws -> Int? {
        (try FileManager.default.attributesOfItem(atPath: path)[.posixPermissions] as? NSNumber)?.intValue
    }

    @Test("has one authority, whoever asks first, and its key is its owner's alone")
    func once() async throws {
        try await withScratchFolder { scratch in
            let folder = AuthorityFolder(path: "\(scratch)/deep/authority")
            let authorities = try await withThrowingTaskGroup { group in
                for _ in 0..<20 { group.addTask { try folder.authority().secret } }
                return try await group.reduce(into: Set<String>()) { $0.insert($1) }
            }
            #expect(authorities.count == 1)
            #expect(try Self.mode(folder.secret) == 0o600)
            #expect(try Self.mode(folder.certificate) == 0o644)
            let shown = try String(contentsOfFile: folder.certificate, encoding: .utf8)
            #expect(try shown == folder.authority().certificate)
            #expect(!shown.contains("PRIVATE"))
            let left = try FileManager.default.contentsOfDirectory(atPath: folder.path)
            #expect(Set(left) == [".lock", "authority.pem", "ca.pem"])
        }
    }

    @Test("is what another process finds, and what it issues is trusted by the certificate that is shown")
    func kept() async throws {
        try await withScratchFolder { scratch in
            let folder = AuthorityFolder(path: scratch)
            let (first, second) = (try folder.authority(), try folder.authority())
            #expect(first.end == second.end)
            // A draft of a process that was killed, and a certificate that somebody has overwritten.
            try "draft".write(toFile: "\(folder.certificate).new", atomically: true, encoding: .utf8)
            try "other".write(toFile: folder.certificate, atomically: true, encoding: .utf8)
            _ = try folder.authority()
            #expect(try String(contentsOfFile: folder.certificate, encoding: .utf8) == first.certificate)
        }
    }

    @Test(
        "says what to do about one that is damaged",
        arguments: [
            ("", "a certificate and a private key belong in it"), ("nonsense", "PEM"),
            ("-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n", "belong in it"),
        ]
    )
    func damaged(text: String, reason: String) async throws {
        try await withScratchFolder { scratch in
            let folder = AuthorityFolder(path: scratch)
            _ = try folder.authority()
            try text.write(toFile: folder.secret, atomically: false, encoding: .utf8)
            let error = #expect(throws: CertificateError.self) { try folder.authority() }
            let said = try #require(error).description
            #expect(said.hasPrefix("\(folder.secret): it is damaged: "), "\(said)")
            #expect(said.contains("remove it: the next lab makes a new one"))
            #expect(
                try String(contentsOfFile: folder.secret, encoding: .utf8) == text,
                "nothing is overwritten"
            )
        }
    }

    @Test("refuses the key of another authority, one that is over, and one that others can read")
    func refused() async throws {
        try await withScratchFolder { scratch in
            let folder = AuthorityFolder(path: scratch)
            let own = try folder.authority()
            let error = #expect(throws: CertificateError.self) { try folder.authority(now: own.end) }
            #expect(error == .expired(path: folder.secret, end: own.end))
            let other = try CertificateAuthority(named: "other")
            let key = other.secret.replacing(other.certificate, with: "")
            try (own.certificate + key).write(toFile: folder.secret, atomically: false, encoding: .utf8)
            let damage = #expect(throws: CertificateError.self) { try folder.authority() }
            #expect(damage == .damaged(path: folder.secret, reason: "the key is another certificate's"))
            try FileManager.default.setAttributes([.posixPermissions: 0o640], ofItemAtPath: folder.secret)
            let exposed = #expect(throws: CertificateError.self) { try folder.authority() }
            #expect(exposed == .exposed(path: folder.secret, mode: 0o640))
            #expect("\(try #require(exposed))".contains("chmod 600"))
        }
    }
}
