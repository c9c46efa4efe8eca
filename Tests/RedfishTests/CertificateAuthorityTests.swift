import Foundation
import LabModel
import SwiftASN1
import Testing
import X509

@testable import Redfish

@Suite("A lab's certificate authority")
struct CertificateAuthorityTests {
    @Test("vouches for a BMC by address and name, for two years, and keeps its key to itself")
    func identity() throws {
        let authority = try CertificateAuthority(lab: "pod1", now: Date(timeIntervalSince1970: 1_800_000_000))
        let address = try #require(IPv4Address("192.168.20.201"))
        let identity = try authority.issue(for: address, name: "ctl01")
        let own = try Certificate(pemEncoded: authority.certificate)
        let leaf = try Certificate(pemEncoded: identity.certificate)
        #expect(own.publicKey.isValidSignature(leaf.signature, for: leaf))
        #expect(own.publicKey.isValidSignature(own.signature, for: own))
        let names = try #require(try leaf.extensions.subjectAlternativeNames)
        #expect(names.contains(.dnsName("ctl01")))
        #expect(names.count == 2)
        #expect(try leaf.extensions.basicConstraints == .notCertificateAuthority)
        #expect(
            leaf.notValidBefore < Date(timeIntervalSince1970: 1_800_000_000),
            "a guest's clock may be late"
        )
        #expect(leaf.notValidAfter > Date(timeIntervalSince1970: 1_800_000_000 + 2 * 365 * 86_400))
        #expect(!authority.certificate.contains("PRIVATE"))
        #expect(!identity.certificate.contains("PRIVATE"))
    }
}
