import Deployment
import Foundation
import LabModel
import Testing

@Suite("A policy")
struct PolicyTests {
    private func text(_ name: String) throws -> String { try PolicyReader.text(of: name) }

    @Test("that comes with the engine is complete", arguments: ["default", "compass-gambia"])
    func isComplete(name: String) throws {
        #expect(try PolicyReader.read(try text(name), file: name).name == name)
    }

    @Test("that comes with the engine is known by its name to who reads pods and scenarios")
    func known() {
        #expect(PolicyReader.builtIn.keys.sorted() == LabSettings.Engine.builtInPolicies)
    }

    @Test("compass-gambia has Compass4nfv's limits")
    func gambia() throws {
        let policy = try PolicyReader.read(try text("compass-gambia"), file: "compass-gambia")
        #expect(policy.install.limit == .seconds(3600))
        #expect(policy.deploymentLimit == .seconds(300 * 60))
        #expect(policy.download.limit == .seconds(300))
        #expect(policy.download.tries == 1)
        #expect(policy.download.mirrors == 1)
        #expect(!policy.download.resume)
        #expect(policy.download.poll?.times == 120)
        #expect(policy.power.steps == [.powerOn, .bootPXE, .powerReset])
        #expect(policy.power.order == .sequential)
        #expect(policy.power.tries == 5)
        #expect(policy.power.failure == .unnoticed)
        #expect(policy.install.clock == nil)
        #expect(policy.install.recoveries == 0)
        #expect(policy.install.ntp)
    }

    @Test("default copes")
    func copes() throws {
        let policy = try PolicyReader.read(try text("default"), file: "default")
        #expect(policy.download.resume)
        #expect(policy.download.mirrors > 1)
        #expect(policy.download.stall != nil)
        #expect(policy.install.clock != nil)
        #expect(policy.install.skipStuckClock)
        #expect(policy.time.fallback)
    }

    @Test("is shortened by a pace, but for the limits that only guard against hanging")
    func pace() throws {
        let policy = try PolicyReader.read(try text("compass-gambia"), file: "compass-gambia").paced(by: 20)
        #expect(policy.install.limit == .seconds(180))
        #expect(policy.download.limit == .seconds(15))
        #expect(policy.download.poll?.every == .milliseconds(250))
        #expect(policy.deploymentLimit == .seconds(900))
        #expect(policy.power.limit == .seconds(20))
        #expect(policy.shell.limit == .seconds(60))
    }

    @Test("with mistakes is refused with all of them, each at its place")
    func mistakes() throws {
        let wrong = try text("default")
            .replacing("order: parallel", with: "order: paralel")
            .replacing("recoveries: 4", with: "recoveries: many")
            .replacing("  stall: 10s\n", with: "")
            .replacing("clock: 30s", with: "clock: sometimes")
            .replacing("fallback: true", with: "fallbak: true")
        let error = #expect(throws: Diagnostics.self) { try PolicyReader.read(wrong, file: "mine.yml") }
        let lines = error?.all.map(\.description) ?? []
        #expect(lines.count == 6)
        for word in ["paralel", "recoveries", "stall", "clock", "fallbak", "fallback"] {
            #expect(lines.contains { $0.hasPrefix("mine.yml:") && $0.contains(word) }, "\(word)")
        }
    }

    @Test("that does not exist is refused with the name that was meant")
    func unknown() {
        let error = #expect(throws: DeployError.self) { try PolicyReader.text(of: "defalt") }
        #expect(error?.kind == .usage)
        #expect(error?.description.contains("default") == true)
    }
}
