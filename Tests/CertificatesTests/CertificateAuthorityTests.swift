import Foundation
import LabModel
import Subprocess
import SwiftASN1
import SystemPackage
import TestSupport
import Testing
import X509

@testable import Certificates

@Suite("The certificate authority")
struct CertificateAuthorityTests {
    private static let now = Date(timeIntervalSince1970: 1_800_000_000)
    private static let day: TimeInterval = 86_400

    @Test("vouches for a BMC by address and name, for two years, and keeps its key to itself")
    func machine() throws {
        let authority = try CertificateAuthority(named: "test", now: Self.now)
        let address = try #require(IPv4Address("192.168.20.201"))
        let identity = try authority.issue(
            for: ["ctl01"],
            at: [.v4(address)],
            lifetime: .machine,
            now: Self.now
        )
        let own = try Certificate(pemEncoded: authority.certificate)
        let leaf = try Certificate(pemEncoded: identity.certificate)
        #expect(own.publicKey.isValidSignature(leaf.signature, for: leaf))
        #expect(own.publicKey.isValidSignature(own.signature, for: own))
        let names = try #require(try leaf.extensions.subjectAlternativeNames)
        #expect(names.contains(.dnsName("ctl01")))
        #expect(names.contains(.ipAddress(ASN1OctetString(contentBytes: [192, 168, 20, 201]))))
        #expect(names.count == 2)
        #expect(try leaf.extensions.basicConstraints == .notCertificateAuthority)
        #expect(leaf.notValidBefore < Self.now, "a guest's clock may be late")
        #expect(leaf.notValidAfter > Self.now + 2 * 365 * Self.day)
        #expect(!authority.certificate.contains("PRIVATE"))
        #expect(!identity.certificate.contains("PRIVATE"))
    }

    @Test("lasts ten years, vouches for a server outside for a month, and for nobody beyond its own end")
    func lifetimes() throws {
        let authority = try CertificateAuthority(named: "test", now: Self.now)
        let own = try Certificate(pemEncoded: authority.certificate)
        #expect(own.notValidAfter == authority.end)
        #expect((9.9...10).contains(authority.end.timeIntervalSince(Self.now) / Self.day / 365.25))
        let server = try Certificate(
            pemEncoded: authority.issue(for: ["a.example.org"], now: Self.now).certificate
        )
        #expect(server.notValidAfter == Self.now + 30 * Self.day)
        let late = try Certificate(
            pemEncoded: authority.issue(for: ["a.example.org"], now: authority.end - Self.day).certificate
        )
        #expect(late.notValidAfter == authority.end)
    }

    @Test(
        "issues what an independent program refuses, for exactly the reason that was asked for",
        arguments: [
            (nil, "OK"),
            (.expired, "certificate has expired"),
            (.notYetValid, "certificate is not yet valid"),
            (.wrongName, "hostname mismatch"),
            (.unknownAuthority, "unable to get local issuer certificate"),
            (.selfSigned, "self-signed certificate"),
        ] as [(Flaw?, String)]
    )
    func flaws(flaw: Flaw?, words: String) async throws {
        let authority = try CertificateAuthority(named: "test")
        let identity = try authority.issue(for: ["a.example.org"], flaw: flaw)
        try await withScratchFolder { folder in
            try authority.certificate.write(toFile: "\(folder)/ca", atomically: true, encoding: .utf8)
            try identity.certificate.write(toFile: "\(folder)/leaf", atomically: true, encoding: .utf8)
            let verify = try await Subprocess.run(
                .name("openssl"),
                arguments: [
                    "verify", "-no-CApath", "-no-CAstore", "-x509_strict", "-purpose", "sslserver",
                    "-verify_hostname", "a.example.org", "-CAfile", "\(folder)/ca", "\(folder)/leaf",
                ],
                output: .string(limit: 1 << 16),
                error: .string(limit: 1 << 16)
            )
            let said = verify.standardOutput + verify.standardError
            #expect(verify.terminationStatus.isSuccess == (flaw == nil), "\(said)")
            #expect(said.lowercased().contains(words.lowercased()), "\(said)")
        }
    }

    @Test("names a host that is too long for a common name")
    func longName() throws {
        let host = String(repeating: "a", count: 63) + ".example.org"
        let leaf = try Certificate(
            pemEncoded: CertificateAuthority(named: "test").issue(for: [host]).certificate
        )
        #expect(try leaf.extensions.subjectAlternativeNames?.contains(.dnsName(host)) == true)
        #expect("\(leaf.subject)" == "O=vlab")
    }
}
