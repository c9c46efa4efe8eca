import Crypto
import Foundation
import LabModel
import SwiftASN1
import X509

/// The lab's own certificate authority, which vouches for its BMCs.
///
/// It lives as long as the lab; its key is in memory alone. What clients need to trust it is ``certificate``:
///
///     let authority = try CertificateAuthority(lab: "pod1")
///     try authority.certificate.write(toFile: "ca.pem", atomically: true, encoding: .utf8)
///     let identity = try authority.issue(for: address, name: "ctl01")
package struct CertificateAuthority: Sendable {
    /// What a server shows and what it proves that with, as PEM.
    package struct Identity: Sendable {
        package var certificate: String
        package var key: String
    }

    /// The authority's own certificate, as PEM.
    package let certificate: String
    private let name: DistinguishedName
    private let key = P256.Signing.PrivateKey()
    private let subjectKey: SubjectKeyIdentifier
    private let validity: ClosedRange<Date>

    /// As long as browsers accept, from a day ago: the guests' clocks may be late.
    private static let lifetime: TimeInterval = 825 * 86_400
    private static let lateness: TimeInterval = 86_400

    package init(lab: String, now: Date = Date()) throws {
        validity = (now - Self.lateness)...(now - Self.lateness + Self.lifetime)
        name = try DistinguishedName {
            CommonName("vlab \(lab)")
            OrganizationName("vlab")
        }
        let publicKey = Certificate.PublicKey(key.publicKey)
        subjectKey = SubjectKeyIdentifier(hash: publicKey)
        let (name, subjectKey) = (name, subjectKey)
        let own = try Certificate(
            version: .v3,
            serialNumber: Certificate.SerialNumber(),
            publicKey: publicKey,
            notValidBefore: validity.lowerBound,
            notValidAfter: validity.upperBound,
            issuer: name,
            subject: name,
            signatureAlgorithm: .ecdsaWithSHA256,
            extensions: Certificate.Extensions {
                Critical(BasicConstraints.isCertificateAuthority(maxPathLength: 0))
                Critical(KeyUsage(keyCertSign: true, cRLSign: true))
                subjectKey
            },
            issuerPrivateKey: Certificate.PrivateKey(key)
        )
        certificate = try own.serializeAsPEM().pemString + "\n"
    }

    /// A certificate for whoever answers at that address under that name.
    package func issue(for address: IPv4Address, name host: String) throws -> Identity {
        let leafKey = P256.Signing.PrivateKey()
        let publicKey = Certificate.PublicKey(leafKey.publicKey)
        let octets = [24, 16, 8, 0].map { UInt8(truncatingIfNeeded: address.bits >> $0) }
        let leaf = try Certificate(
            version: .v3,
            serialNumber: Certificate.SerialNumber(),
            publicKey: publicKey,
            notValidBefore: validity.lowerBound,
            notValidAfter: validity.upperBound,
            issuer: name,
            subject: try DistinguishedName {
                CommonName(host)
                OrganizationName("vlab")
            },
            signatureAlgorithm: .ecdsaWithSHA256,
            extensions: try Certificate.Extensions {
                Critical(BasicConstraints.notCertificateAuthority)
                Critical(KeyUsage(digitalSignature: true))
                try ExtendedKeyUsage([.serverAuth])
                SubjectAlternativeNames([
                    .ipAddress(ASN1OctetString(contentBytes: octets[...])), .dnsName(host),
                ])
                SubjectKeyIdentifier(hash: publicKey)
                AuthorityKeyIdentifier(keyIdentifier: subjectKey.keyIdentifier)
            },
            issuerPrivateKey: Certificate.PrivateKey(key)
        )
        return Identity(
            certificate: try leaf.serializeAsPEM().pemString + "\n",
            key: leafKey.pemRepresentation + "\n"
        )
    }
}
