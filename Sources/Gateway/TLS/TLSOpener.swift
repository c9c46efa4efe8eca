import Certificates
import Foundation
import LabModel
import NIOCore
import NIOSSL
import Synchronization

/// Answers TLS in the name of any server outside, with certificates of the user's authority.
///
///     try channel.pipeline.syncOperations.addHandler(opener.handler(for: "deb.example.org"))
///
/// A context costs some 10 KB; those of the names that were asked for last are kept. A connection costs 25 KB more than
/// one without TLS.
final class TLSOpener: Sendable {
    /// How a server presents itself.
    struct Face: Hashable, Sendable {
        var flaw: Flaw?
        /// Speaks TLS 1.0 and 1.1 alone, which clients of today refuse.
        var isOutdated = false

        static let honest = Face()
    }

    private struct Key: Hashable {
        var name: String
        var face: Face
    }

    private struct Entry {
        var context: NIOSSLContext
        var issued: Date
        var lastUse: UInt64
    }

    private struct State {
        var entries: [Key: Entry] = [:]
        var uses: UInt64 = 0
    }

    private let authority: CertificateAuthority
    private let capacity: Int
    private let state = Mutex(State())

    init(authority: CertificateAuthority, capacity: Int = 256) {
        (self.authority, self.capacity) = (authority, capacity)
    }

    /// The names of the contexts that are kept.
    var names: [String] { state.withLock { $0.entries.keys.map(\.name).sorted() } }
    /// When the honest certificate of a name was issued, if it is kept.
    func issued(_ name: String) -> Date? {
        state.withLock { $0.entries[Key(name: name, face: .honest)]?.issued }
    }

    /// Speaks TLS as the server of that name, or at that address.
    func handler(for name: String, as face: Face = .honest, now: Date = Date()) throws -> NIOSSLServerHandler
    {
        NIOSSLServerHandler(context: try context(for: Key(name: name, face: face), now: now))
    }

    /// Made anew when half of the certificate's time is over.
    private func context(for key: Key, now: Date) throws -> NIOSSLContext {
        let known: NIOSSLContext? = state.withLock { state in
            state.uses += 1
            guard let entry = state.entries[key],
                now.timeIntervalSince(entry.issued) < CertificateAuthority.Lifetime.server.inSeconds / 2
            else { return nil }
            state.entries[key]?.lastUse = state.uses
            return entry.context
        }
        if let known { return known }
        let context = try make(key, now: now)
        state.withLock { state in
            state.entries[key] = Entry(context: context, issued: now, lastUse: state.uses)
            while state.entries.count > capacity,
                let oldest = state.entries.min(by: { $0.value.lastUse < $1.value.lastUse })
            {
                state.entries[oldest.key] = nil
            }
        }
        return context
    }

    private func make(_ key: Key, now: Date) throws -> NIOSSLContext {
        let address = IPAddress(key.name)
        let identity = try authority.issue(
            for: address == nil ? [key.name] : [],
            at: address.map { [$0] } ?? [],
            flaw: key.face.flaw,
            now: now
        )
        var configuration = TLSConfiguration.makeServerConfiguration(
            certificateChain: [
                .certificate(try NIOSSLCertificate(bytes: Array(identity.certificate.utf8), format: .pem))
            ],
            privateKey: .privateKey(try NIOSSLPrivateKey(bytes: Array(identity.key.utf8), format: .pem))
        )
        // What is inside is looked at as HTTP/1.1, whatever else the client would like to speak.
        configuration.applicationProtocols = ["http/1.1"]
        configuration.minimumTLSVersion = key.face.isOutdated ? .tlsv1 : .tlsv12
        configuration.maximumTLSVersion = key.face.isOutdated ? .tlsv11 : nil
        return try NIOSSLContext(configuration: configuration)
    }
}
