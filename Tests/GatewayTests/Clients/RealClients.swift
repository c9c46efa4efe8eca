import Foundation
import LabModel
import Testing

@testable import Gateway

/// The programs that people's downloads fail in, each with every fault that can befall it, in a network of their own.
@Suite("Real clients", .enabled(if: PrivateNetwork.isHere), .serialized)
struct RealClients {}

@Suite("Programs that download", .timeLimit(.minutes(10)))
struct ClientTests {
    @Test(
        "say in their own words what fails, and work when it is healed",
        .enabled(if: !PrivateNetwork.isHere)
    )
    func inNamespace() async throws {
        try await PrivateNetwork.run("RealClients", expecting: "9 tests in 6 suites", within: 580)
    }

    @Test(
        "get the same again from what was recorded, with nobody outside",
        .enabled(if: !PrivateNetwork.isHere)
    )
    func replayed() async throws {
        try await PrivateNetwork.run("Replays", expecting: "6 tests in 1 suite", within: 580)
    }
}

/// A fault, what it befalls, and what a client says then.
struct Trouble: Sendable, CustomStringConvertible {
    let kind: String
    let arguments: [String: String]
    let path: String?
    /// The client says one of these, by its version.
    let words: [String]

    /// Without a path every connection to `mirror-a` is befallen.
    init(_ kind: String, _ arguments: [String: String] = [:], on path: String? = nil, says words: String...) {
        (self.kind, self.arguments, self.path, self.words) = (kind, arguments, path, words)
    }

    var description: String { "\(kind) on \(path ?? "everything")" }

    var rule: Rule {
        let host: TextPattern = "mirror-a.vlab.test"
        return Rule(
            id: kind,
            kind,
            arguments,
            match: Match(host: host, path: path.map { TextPattern(Glob($0)) })
        )
    }
}

/// The lab's engine side, with programs that know nothing of the host's settings.
struct ClientLab: Sendable {
    let lab: RunningGateway
    private let network: PrivateNetwork

    /// A folder for the clients' own files.
    var home: String { "\(lab.folder.path)/home" }
    var authority: String { "\(lab.folder.path)/ca.pem" }
    /// What this folder has is under `http://mirror-a.vlab.test/images/`.
    var served: String { lab.folder.path }

    init(_ lab: RunningGateway) async throws {
        (self.lab, network) = (lab, try await PrivateNetwork(lab))
        try lab.folder.write("home/.keep", "")
    }

    static func with(_ body: (ClientLab) async throws -> Void) async throws {
        try await RunningGateway.with { lab in try await body(ClientLab(lab)) }
    }

    /// Runs a client in a shell, with an empty environment.
    func run(_ script: String) async throws -> Finished {
        let path = ProcessInfo.processInfo.environment["PATH"] ?? "/usr/bin:/bin"
        try lab.folder.write("script", script)
        return try await network.onEngine(
            "cd '\(home)' && exec env -i PATH='\(path)' HOME='\(home)' LC_ALL=C timeout 60 sh -e '\(lab.folder.path)/script'"
        )
    }

    /// What must succeed.
    @discardableResult
    func prepare(_ script: String) async throws -> String {
        let finished = try await run(script)
        try #require(finished.status == 0, "\(finished.text)\(finished.errors)")
        return finished.text
    }

    /// One trouble after the other: the client fails with those words, the fault has bitten, and healed it is gone.
    func expect(_ troubles: [Trouble], of script: String) async throws {
        for trouble in troubles {
            let before = lab.events.named("fault.applied").count
            try lab.gateway.install(trouble.rule)
            let failed = try await run(script)
            let said = failed.text + failed.errors
            #expect(failed.status != 0, "\(trouble): \(said)")
            #expect(trouble.words.contains { said.contains($0) }, "\(trouble): \(said)")
            #expect(lab.events.named("fault.applied").count > before, "\(trouble) has not bitten")
            lab.gateway.remove(trouble.rule.id)
        }
        let clean = try await run(script)
        #expect(clean.status == 0, "\(clean.text)\(clean.errors)")
    }
}
