import Certificates
import Foundation
import LabModel
import NIOSSL
import Testing

@testable import Gateway

@Suite("A server outside that speaks TLS", .timeLimit(.minutes(4)))
struct UpstreamTLSTests {
    private static let name = "deb.example.org"
    private static let distrust = "its authority is unknown, or it has expired"

    /// What a client hears of that server, whose TLS the gateway opens.
    private static func ask(
        _ face: TLSOpener.Face,
        mode: UplinkMode,
        trusting: Bool = true
    ) async throws -> (said: String, served: LabEvent) {
        var result: (String, LabEvent)?
        try await TLSServer.with(face, named: name) { server in
            try await RunningGateway.outside(
                server.port,
                mode: mode,
                https: HTTPSPolicy(usual: .open),
                change: { if trusting { $0.trust = .file(server.folder.path + "/ca.pem") } }
            ) { lab in
                let ca = lab.folder.path + "/ca.pem"
                let curl = try await lab.curl("-w '%{http_code}' --cacert \(ca) https://\(name)/")
                result = (curl.text + curl.errors, await lab.events.first("http.served"))
            }
        }
        return try #require(result)
    }

    @Test("is asked when its certificate is good", arguments: [UplinkMode.direct, .record])
    func good(mode: UplinkMode) async throws {
        let (said, served) = try await Self.ask(.honest, mode: mode)
        #expect(said == "hello200")
        #expect(served.details["source"] == "uplink" && served.details["reason"] == nil)
    }

    @Test(
        "is not asked when its certificate is not: client and event say why",
        arguments: [
            (Flaw.expired, distrust), (.notYetValid, distrust), (.unknownAuthority, distrust),
            (.selfSigned, distrust), (nil, distrust), (.wrongName, "certificate is another name's"),
        ] as [(Flaw?, String)],
        [UplinkMode.direct, .record]
    )
    func bad(_ trouble: (flaw: Flaw?, words: String), mode: UplinkMode) async throws {
        // Without a flaw the authority itself is a stranger to the gateway.
        let face = TLSOpener.Face(flaw: trouble.flaw)
        let (said, served) = try await Self.ask(face, mode: mode, trusting: trouble.flaw != nil)
        #expect(said.hasSuffix("502"), "\(said)")
        #expect(said.contains("TLS: ") && said.contains(trouble.words), "\(said)")
        #expect(served.details["status"] == "502" && served.details["source"] == "gateway", "\(served)")
        #expect(served.details["reason"]?.contains(trouble.words) == true, "\(served)")
    }
}
