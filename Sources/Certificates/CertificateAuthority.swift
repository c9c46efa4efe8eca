import Crypto
import Foundation
import LabModel
import SwiftASN1
import X509

/// The user's own certificate authority, which vouches for whatever speaks TLS in a lab.
///
/// All labs of a user have the same one (see ``AuthorityFolder``), so that images can trust it:
///
///     let authority = try AuthorityFolder(path: folder).authority()
///     let bmc = try authority.issue(for: ["ctl01"], at: [address], lifetime: .machine)
///     let mirror = try authority.issue(for: ["deb.example.org"], flaw: .expired)
package struct CertificateAuthority: Sendable {
    /// What a server shows and what it proves that with, as PEM.
    package struct Identity: Hashable, Sendable {
        package var certificate: String
        package var key: String
    }

    /// How long a certificate holds.
    package enum Lifetime: Sendable {
        /// A server's outside, which is issued anew while a lab runs.
        case server
        /// A machine's of the lab: as long as browsers accept.
        case machine

        package var inSeconds: TimeInterval {
            switch self {
            case .server: 30 * CertificateAuthority.day
            case .machine: 825 * CertificateAuthority.day
            }
        }
    }

    /// The authority's own certificate, as PEM.
    package let certificate: String
    /// The last moment at which anything that it issued holds.
    package let end: Date

    private let name: DistinguishedName
    private let key: P256.Signing.PrivateKey
    private let subjectKey: SubjectKeyIdentifier

    private static let day: TimeInterval = 86_400
    private static let years: TimeInterval = 10
    /// The guests' clocks may be late.
    private static let lateness = day

    /// A new authority, known to nobody yet.
    package init(named title: String, now: Date = Date()) throws(CertificateError) {
        let start = now - Self.lateness
        let end = start + Self.years * 365.25 * Self.day
        let key = P256.Signing.PrivateKey()
        let publicKey = Certificate.PublicKey(key.publicKey)
        let subjectKey = SubjectKeyIdentifier(hash: publicKey)
        do {
            let name = try Self.distinguishedName(title)
            let own = try Certificate(
                version: .v3,
                serialNumber: Certificate.SerialNumber(),
                publicKey: publicKey,
                notValidBefore: start,
                notValidAfter: end,
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
            (self.name, self.end) = (name, own.notValidAfter)
        } catch {
            throw .cannotIssue(name: title, reason: "\(error)")
        }
        (self.key, self.subjectKey) = (key, subjectKey)
    }

    /// Certificate and key, as PEM: how an authority is kept.
    package var secret: String { certificate + key.pemRepresentation + "\n" }

    /// An authority that was kept; the reason when the text is not one.
    init(secret: String) throws(Damage) {
        do {
            let documents = try PEMDocument.parseMultiple(pemString: secret)
            guard documents.count == 2, documents[0].discriminator == "CERTIFICATE",
                documents[1].discriminator == "PRIVATE KEY"
            else { throw Damage(reason: "a certificate and a private key belong in it") }
            let own = try Certificate(pemDocument: documents[0])
            key = try P256.Signing.PrivateKey(pemRepresentation: documents[1].pemString)
            guard own.publicKey == Certificate.PublicKey(key.publicKey) else {
                throw Damage(reason: "the key is another certificate's")
            }
            certificate = documents[0].pemString + "\n"
            (name, end, subjectKey) = (
                own.subject, own.notValidAfter, SubjectKeyIdentifier(hash: own.publicKey)
            )
        } catch let damage as Damage {
            throw damage
        } catch {
            throw Damage(reason: "\(error)")
        }
    }

    struct Damage: Error { var reason: String }

    /// A certificate for whoever answers to those names and at those addresses, or one that nobody should believe.
    package func issue(
        for hosts: [String],
        at addresses: [IPAddress] = [],
        lifetime: Lifetime = .server,
        flaw: Flaw? = nil,
        now: Date = Date()
    ) throws(CertificateError) -> Identity {
        if flaw == .unknownAuthority {
            return try CertificateAuthority(named: "An authority that nobody trusts", now: now)
                .issue(for: hosts, at: addresses, lifetime: lifetime, now: now)
        }
        let title = hosts.first ?? addresses.first?.description ?? "nobody"
        let leafKey = P256.Signing.PrivateKey()
        let publicKey = Certificate.PublicKey(leafKey.publicKey)
        let ownKey = SubjectKeyIdentifier(hash: publicKey)
        let validity = validity(lifetime, flaw, now)
        let names = flaw == .wrongName ? [.dnsName("another-host.vlab.test")] : Self.names(hosts, addresses)
        do {
            let subject = try Self.distinguishedName(title)
            let isSelfSigned = flaw == .selfSigned
            let leaf = try Certificate(
                version: .v3,
                serialNumber: Certificate.SerialNumber(),
                publicKey: publicKey,
                notValidBefore: validity.lowerBound,
                notValidAfter: validity.upperBound,
                issuer: isSelfSigned ? subject : name,
                subject: subject,
                signatureAlgorithm: .ecdsaWithSHA256,
                extensions: try Certificate.Extensions {
                    Critical(BasicConstraints.notCertificateAuthority)
                    Critical(KeyUsage(digitalSignature: true))
                    try ExtendedKeyUsage([.serverAuth])
                    SubjectAlternativeNames(names)
                    ownKey
                    AuthorityKeyIdentifier(
                        keyIdentifier: (isSelfSigned ? ownKey : subjectKey).keyIdentifier
                    )
                },
                issuerPrivateKey: Certificate.PrivateKey(isSelfSigned ? leafKey : key)
            )
            return Identity(
                certificate: try leaf.serializeAsPEM().pemString + "\n",
                key: leafKey.pemRepresentation + "\n"
            )
        } catch {
            throw .cannotIssue(name: title, reason: "\(error)")
        }
    }

    private func validity(_ lifetime: Lifetime, _ flaw: Flaw?, _ now: Date) -> ClosedRange<Date> {
        switch flaw {
        case .expired: (now - 60 * Self.day)...(now - 30 * Self.day)
        case .notYetValid: (now + 30 * Self.day)...(now + 60 * Self.day)
        case nil, .wrongName, .unknownAuthority, .selfSigned:
            (now - Self.lateness)...max(now, min(now + lifetime.inSeconds, end))
        }
    }

    private static func names(_ hosts: [String], _ addresses: [IPAddress]) -> [GeneralName] {
        hosts.map { .dnsName($0) }
            + addresses.map { .ipAddress(ASN1OctetString(contentBytes: $0.bytes[...])) }
    }

    /// A common name has 64 characters (RFC 5280 appendix A); a host that has more is named by the alternative names alone.
    private static func distinguishedName(_ title: String) throws -> DistinguishedName {
        try DistinguishedName {
            OrganizationName("vlab")
            if title.utf8.count <= 64 { CommonName(title) }
        }
    }
}
