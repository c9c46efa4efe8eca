import Foundation
import Lab
import LabModel
import PodSpec
import Scenario
import Synchronization
import TestSupport
import Testing

@testable import VlabCommands

@Suite("A relative path begins at the folder")
struct RelativePathTests {
    private static func scenario(_ engine: String) throws -> Scenario {
        try ScenarioReader.read(
            text: """
                scenario: t
                pod: ./pods/mine
                engine: \(engine)
                faults:
                  - {id: a, kind: http.slow, where: {url: "**"}, args: {rate: 1M}, until: end}
                expect: {recover: [engine.status: {is: SUCCESSFUL, within: 1m}]}

                """,
            file: "t.yml"
        ).0
    }

    private static func record(engine: LabSettings.Engine?) -> LabRecord {
        var pod = Pod(name: "p", nodes: [], networks: [])
        pod.lab = engine.map { LabSettings(engine: $0) }
        let files = ["pod.yml", "pod.yml"] + (engine == nil ? [] : ["lab.yml"])
        return LabRecord(pod: pod, files: files.map { "/pods/p/\($0)" }, digest: "", created: Date())
    }

    @Test("of the scenario, of lab.yml or of the caller, whoever of them names the engine")
    func engine() throws {
        var order = RunOrder(
            scenario: "/suite/t.yml",
            folder: "/runs/1",
            seed: nil,
            engine: nil,
            caller: "/home"
        )
        let usual = Self.record(engine: .policy("./usual.yml"))
        let own = try Self.scenario("{policy: ./own.yml}")
        let unnamed = try Self.scenario("{pace: 2}")
        for (scenario, record, folder, policy) in [
            (own, usual, "/suite", "./own.yml"), (unnamed, usual, "/pods/p", "./usual.yml"),
            (unnamed, Self.record(engine: nil), "/suite", nil),
        ] {
            let (spec, place) = order.engine(of: scenario, in: record)
            #expect(place == folder && spec.policy == policy)
        }
        order.engine = ["./mine.sh"]
        let (spec, place) = order.engine(of: own, in: usual)
        #expect(place == "/home" && spec.command == ["./mine.sh"] && spec.policy == nil)
    }

    @Test("that an engine is started in, its program's own path as those of its arguments")
    func started() async throws {
        try await withScratchFolder { folder in
            for (name, text) in [("engine.sh", "#!/bin/sh\npwd; cat \"$1\""), ("words", "words\n")] {
                try text.write(toFile: "\(folder)/\(name)", atomically: true, encoding: .utf8)
            }
            try FileManager.default.setAttributes(
                [.posixPermissions: 0o755],
                ofItemAtPath: "\(folder)/engine.sh"
            )
            let engine = EngineProcess(
                record: Self.record(engine: nil),
                work: "/work",
                scenario: "/suite",
                folder: folder
            )
            let lines = Mutex<[String]>([])
            let end = try await engine.run(EngineSpec(command: ["./engine.sh", "./words"])) { line in
                lines.withLock { $0.append(line) }
            }
            #expect(end == .exited(0) && lines.withLock { $0 } == [folder, "words"])
            let error = await #expect(throws: EngineStartError.self) {
                try await engine.run(EngineSpec(command: ["./none.sh"])) { _ in }
            }
            #expect(error?.reason == "there is no such program in \(folder)")
        }
    }

    @Test("of the scenario where its pod is named, whatever folder it is run from")
    func pod() async throws {
        try await withScratchFolder { folder in
            let pod = "\(folder)/suite/pods/mine"
            try FileManager.default.createDirectory(atPath: pod, withIntermediateDirectories: true)
            try "nodes: {a: }\nnetworks: {mgmt: {cidr: 10.20.0.0/24}}\n".write(
                toFile: "\(pod)/pod.yml",
                atomically: true,
                encoding: .utf8
            )
            var scenario = try Self.scenario("{}")
            scenario.file = "\(folder)/suite/t.yml"
            #expect(try PodArgument.read(nil, or: scenario).1.name == "mine")
            #expect(throws: PodNotFound.self) { try PodArgument.read("./pods/mine", or: scenario) }
        }
    }
}
