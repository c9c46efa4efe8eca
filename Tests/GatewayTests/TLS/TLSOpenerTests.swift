import Certificates
import Foundation
import NIOCore
import NIOPosix
import NIOSSL
import Testing

@testable import Gateway

@Suite("Opened TLS", .timeLimit(.minutes(4)))
struct TLSOpenerTests {
    @Test("is the server's to whoever trusts the authority, by name or by address, and speaks HTTP/1.1 alone")
    func honest() async throws {
        try await TLSServer.with { server in
            let curl = try await shell(server.curl())
            #expect(curl.text == "hello", "\(curl.errors)")
            let openssl = try await shell(
                """
                echo | openssl s_client -connect 127.0.0.1:\(server.port) -servername mirror-a.vlab.test \
                    -alpn h2,http/1.1 -verify_return_error -CAfile \(server.folder.path)/ca.pem
                """
            )
            #expect(openssl.text.contains("ALPN protocol: http/1.1"), "\(openssl.text)\(openssl.errors)")
        }
        try await TLSServer.with(named: "127.0.0.1") { server in
            let curl = try await shell(server.curl("127.0.0.1"))
            #expect(curl.text == "hello", "\(curl.errors)")
        }
    }

    @Test(
        "that is flawed is refused by curl, in its own words, and the alert is understood",
        arguments: [
            (.init(flaw: .expired), "certificate has expired", 45),
            (.init(flaw: .notYetValid), "certificate is not yet valid", 42),
            (.init(flaw: .wrongName), "no alternative certificate subject name matches", nil),
            (.init(flaw: .unknownAuthority), "unable to get local issuer certificate", 48),
            (.init(flaw: .selfSigned), "self-signed certificate", 48),
            (.init(isOutdated: true), "protocol version", nil),
        ] as [(TLSOpener.Face, String, UInt8?)]
    )
    func flawed(face: TLSOpener.Face, words: String, alert: UInt8?) async throws {
        try await TLSServer.with(face) { server in
            let curl = try await shell(server.curl())
            #expect(curl.status != 0)
            #expect(curl.errors.contains(words), "\(curl.errors)")
            if let alert { #expect(await server.alert() == TLSAlert(rawValue: alert)) }
        }
    }

    @Test("keeps the contexts of the names that were asked for last, and renews them before they expire")
    func contexts() throws {
        let opener = TLSOpener(authority: try CertificateAuthority(named: "test"), capacity: 3)
        let now = Date()
        for name in ["a", "b", "c", "a", "d"] { _ = try opener.handler(for: name, now: now) }
        #expect(opener.names == ["a", "c", "d"])
        let month = CertificateAuthority.Lifetime.server.inSeconds
        _ = try opener.handler(for: "c", now: now + month * 0.4)
        #expect(opener.issued("c") == now)
        _ = try opener.handler(for: "c", now: now + month * 0.6)
        #expect(opener.issued("c") == now + month * 0.6)
        _ = try opener.handler(for: "c", as: .init(flaw: .expired), now: now)
        #expect(opener.names == ["c", "c", "d"], "a flawed face of a name is another one")
    }

    @Test("is refused by some clients with an encrypted alert, which is understood as well")
    func encryptedAlert() async throws {
        try await TLSServer.with { server in
            var configuration = TLSConfiguration.makeClientConfiguration()
            configuration.trustRoots = .certificates([])
            let context = try NIOSSLContext(configuration: configuration)
            let client = try await ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton)
                .channelInitializer { channel in
                    channel.eventLoop.makeCompletedFuture {
                        let name = "mirror-a.vlab.test"
                        try channel.pipeline.syncOperations.addHandler(
                            NIOSSLClientHandler(context: context, serverHostname: name)
                        )
                    }
                }
                .connect(host: "127.0.0.1", port: server.port).get()
            #expect(await server.alert() == TLSAlert(rawValue: 48))
            // The server has closed it, or is about to.
            try? await client.close().get()
        }
    }

    @Test("is watched for an alert in the clear, in whatever pieces it comes, between other records")
    func watched() {
        let records = hex("16 03 01 00 03 15 03 03  14 03 03 00 01 01  15 03 03 00 02 02 30")
        for size in 1...records.readableBytes {
            let watch = AlertWatch()
            var rest = records
            while let part = rest.readSlice(length: min(size, rest.readableBytes)), part.readableBytes > 0 {
                #expect(watch.alert == nil)
                watch.watch(part)
            }
            #expect(watch.alert == TLSAlert(rawValue: 48), "in pieces of \(size)")
        }
        let encrypted = AlertWatch()
        encrypted.watch(hex("15 03 03 00 03 02 30 00  15 03 03 00 1a 02 30"))
        #expect(encrypted.alert == nil)
    }

    @Test("names each alert, and sends it as a record")
    func alerts() {
        #expect("\(TLSAlert(rawValue: 48))" == "unknown_ca")
        #expect("\(TLSAlert(rawValue: 200))" == "alert 200")
        #expect(TLSAlert.handshakeFailure.record == hex("15 03 03 00 02  02 28  # fatal, handshake_failure"))
    }
}
