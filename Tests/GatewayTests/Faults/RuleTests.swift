import Foundation
import LabModel
import TestSupport
import Testing

@testable import Gateway

@Suite("A rule")
struct RuleTests {
    private static func client(_ number: UInt32) -> Client {
        Client(address: .v4(IPv4Address(bits: number)), node: nil)
    }

    /// Which of these clients' requests, one after the other, are bitten, by number from 1.
    private static func bitten(_ occurrence: Occurrence, by clients: [UInt32], landing: Bool = true) -> [Int]
    {
        let reporter = Reporter(events: { _ in }) { _ in nil }
        let rule = ArmedRule(id: "r", kind: "k", occurrence: occurrence, reporter: reporter)
        return clients.enumerated().compactMap { number, client in
            guard let claim = rule.claim(client: Self.client(client)) else { return nil }
            if landing { claim.land([:]) }
            claim.end()
            return number + 1
        }
    }

    @Test(
        "bites those that it should",
        arguments: [
            (.always, [1, 2, 3, 4, 5, 6]), (.first(2, perClient: false), [1, 2]),
            (.first(1, perClient: true), [1, 2]),
            (.nth(3, perClient: false), [3]), (.nth(2, perClient: true), [3, 5]),
            (.every(2, perClient: false), [2, 4, 6]),
            (.every(2, perClient: true), [3, 5, 6]), (.every(4, perClient: true), [6]),
            (.every(0, perClient: false), [1, 2, 3, 4, 5, 6]),
            (.probability(0, seed: 1), []), (.probability(1, seed: 1), [1, 2, 3, 4, 5, 6]),
        ] as [(Occurrence, [Int])]
    )
    func occurrence(_ occurrence: Occurrence, expected: [Int]) {
        // The first one asks four times, the second one twice.
        #expect(Self.bitten(occurrence, by: [1, 2, 1, 1, 2, 1]) == expected)
    }

    @Test(
        "that bites some at random bites the same ones in each run, about as many as it should, not those of others"
    )
    func probability() {
        let clients = [UInt32](repeating: 1, count: 4000)
        let (one, again) = (Occurrence.probability(0.25, seed: 7), Occurrence.probability(0.25, seed: 7))
        let bitten = Self.bitten(one, by: clients)
        #expect(bitten == Self.bitten(again, by: clients))
        // Ten standard deviations to each side would be 274.
        #expect(abs(bitten.count - 1000) < 274)
        #expect(bitten != Self.bitten(.probability(0.25, seed: 8), by: clients))
        #expect(bitten != Self.bitten(one, by: [UInt32](repeating: 2, count: 4000)))
        // Another client between changes nothing for this one.
        let mixed = Self.bitten(one, by: clients.flatMap { [$0, 2] }).filter { $0 % 2 == 1 }
        #expect(mixed.map { ($0 + 1) / 2 } == bitten)
    }

    @Test("gives a turn back that came to nothing")
    func givenBack() {
        #expect(Self.bitten(.first(1, perClient: false), by: [1, 2, 1], landing: false) == [1, 2, 3])
    }

    @Test(
        "finds by a pattern: a glob, or a regular expression behind a tilde",
        arguments: [
            ("~^/pool/.*\\.deb$", "/pool/main/a/apt_2.deb", true),
            ("~^/pool/.*\\.deb$", "/pool/main/a/apt_2.dsc", false),
            ("~mirror-[ab]", "mirror-b.vlab.test", true), ("~^mirror-[ab]$", "mirror-b.vlab.test", false),
            ("~(?i)RELEASE$", "/dists/stable/InRelease", true), ("/pool/**", "/pool/main/a", true),
            ("*.deb", "a.deb", true), ("*.deb", "pool/a.deb", false),
            ("~ö.*ß", "möbelfuß", true),
        ] as [(String, String, Bool)]
    )
    func pattern(text: String, subject: String, fits: Bool) throws {
        #expect(try TextPattern(text).matches(subject) == fits)
    }

    @Test("refuses what is no regular expression", arguments: ["~(", "~[a", "~*", "~"])
    func badPattern(text: String) {
        #expect(throws: FaultError.badPattern(text)) { try TextPattern(text) }
    }

    @Test("is about what it says: everything that it says must fit")
    func match() {
        var subject = Subject(client: Self.client(1), host: "a.test", port: 80, path: "/x/y", method: "GET")
        let match = Match(
            host: "~^a\\.",
            port: 80,
            path: "/x/*",
            methods: ["GET"],
            clients: ["0.0.0.1"]
        )
        #expect(match.fits(subject))
        #expect(Match().fits(subject))
        for change in [
            { $0.client = Self.client(2) }, { $0.host = "b.test" }, { $0.host = nil }, { $0.port = 8080 },
            { $0.path = "/x" }, { $0.path = nil }, { $0.method = "HEAD" }, { $0.method = nil },
        ] as [(inout Subject) -> Void] {
            let kept = subject
            change(&subject)
            #expect(!match.fits(subject))
            subject = kept
        }
    }
}

@Suite("The catalogue of faults")
struct FaultCatalogueTests {
    @Test(
        "has each kind once, with a family, a summary without a full stop, and parameters that are told apart"
    )
    func forms() {
        let forms = FaultCatalogue.forms
        #expect(Set(forms.map(\.name)).count == forms.count)
        for form in forms {
            #expect(
                ["http", "tls", "tcp", "dns", "ntp", "registry"].contains(form.name.prefix { $0 != "." }),
                "\(form.name)"
            )
            #expect(form.summary.first?.isUppercase == true && form.summary.last != ".", "\(form.name)")
            #expect(Set(form.parameters.map(\.name)).count == form.parameters.count)
            #expect(form.parameters.allSatisfy { !$0.summary.isEmpty })
        }
    }

    /// Something that each parameter without a usual value takes.
    private static func example(_ name: String) -> String {
        ["at": "40%", "rate": "64K", "size": "100", "bytes": "4M", "ppm": "500"][name] ?? "5s"
    }

    @Test(
        "makes every kind from its usual arguments, and says what is wrong with others",
        arguments: FaultCatalogue.forms.map(\.name)
    )
    func makes(kind: String) throws {
        let form = try #require(FaultCatalogue.forms.first { $0.name == kind })
        let needed = form.parameters.filter { $0.usual == nil }.map(\.name)
        let usual = Dictionary(uniqueKeysWithValues: needed.map { ($0, Self.example($0)) })
        #expect(type(of: try FaultCatalogue.fault(kind, usual)).form.name == kind)
        for name in needed {
            let error = #expect(throws: FaultError.self) {
                try FaultCatalogue.fault(kind, usual.filter { $0.key != name })
            }
            #expect(error?.description.contains("\(kind) needs “\(name)”") == true)
        }
        for parameter in form.parameters {
            // The one value that nothing takes.
            let error = #expect(throws: FaultError.self, "\(parameter.name)") {
                try FaultCatalogue.fault(kind, usual.merging([parameter.name: "~(\n?"]) { $1 })
            }
            #expect(error?.description.hasPrefix("\(kind): \(parameter.name): ") == true)
        }
        #expect(throws: FaultError.noSuchArgument(kind: kind, "no", known: form.parameters.map(\.name))) {
            try FaultCatalogue.fault(kind, usual.merging(["no": "1"]) { $1 })
        }
    }

    @Test("is what the README's table says")
    func documented() throws {
        let readme = try String(contentsOfFile: "\(Project.folder)/README.md", encoding: .utf8)
        var (family, documented): (Substring, Set<String>) = ("", [])
        for line in readme.split(separator: "\n") {
            guard
                let row = line.wholeMatch(
                    of: /\| (?:`(?<family>[a-z]+)\.\*`.*)?\| (?<kinds>(?:`[-a-z0-9]+` ?)+)\|/
                )
            else { continue }
            family = row.output.family ?? family
            for kind in row.output.kinds.split(whereSeparator: { "` ".contains($0) }) {
                documented.insert("\(family).\(kind)")
            }
        }
        #expect(documented == Set(FaultCatalogue.forms.map(\.name)))
    }

    @Test("knows no other kind")
    func unknown() {
        #expect(throws: FaultError.noSuchKind("http.pause")) { try FaultCatalogue.fault("http.pause", [:]) }
    }
}
