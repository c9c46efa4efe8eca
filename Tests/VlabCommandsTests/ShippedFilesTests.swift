import ArgumentParser
import Foundation
import LabModel
import PodSpec
import Sandbox
import Scenario
import TestSupport
import Testing

@testable import VlabCommands

@Suite("What comes with vlab")
struct ShippedFilesTests {
    static let pods = names(in: "Scenarios/pods")
    static let scenarios = names(in: "Scenarios").filter { $0 != "pods" }.flatMap { family in
        names(in: "Scenarios/\(family)").filter { $0.hasSuffix(".yml") }.map { "\(family)/\($0)" }
    }

    /// Sorted; a folder that is not there has none, which the tests then miss.
    private static func names(in folder: String) -> [String] {
        let names = try? FileManager.default.contentsOfDirectory(atPath: "\(Project.folder)/\(folder)")
        return (names ?? []).filter { !$0.hasPrefix(".") }.sorted()
    }

    @Test("has pods and scenarios")
    func some() {
        #expect(Self.pods.contains("pod1") && Self.pods.contains("pod-mini"))
        #expect(Self.scenarios.count >= 6)
    }

    @Test("is a pod without a problem, that a sandbox can hold", arguments: pods)
    func pod(name: String) throws {
        let files = try PodFiles.locate("\(Project.folder)/Scenarios/pods/\(name)")
        let (pod, warnings) = try PodReader.read(files)
        #expect(warnings == [] && pod.name == name)
        #expect(SandboxPlan(pod: pod).switches.count == (name == "pod-duo" ? 1 : 3))
    }

    @Test("is a scenario without a problem, on its own pod and on the small one", arguments: scenarios)
    func scenario(path: String) throws {
        let (scenario, warnings) = try ScenarioReader.read("\(Project.folder)/Scenarios/\(path)")
        #expect(warnings == [])
        #expect("\(scenario.name).yml" == path.split(separator: "/").last.map(String.init))
        for name in [scenario.pod, "pod-mini"] {
            let files = try PodFiles.locate("\(Project.folder)/Scenarios/pods/\(name)")
            let (pod, _) = try PodReader.read(files)
            #expect(throws: Never.self) { try scenario.check(against: pod) }
        }
    }

    @Test("explains each command in its help, with an example")
    func help() {
        let shown = Vlab.configuration.subcommands.map { ("\($0)", $0.configuration) }.filter(
            \.1.shouldDisplay
        )
        for (type, configuration) in shown {
            let name = configuration.commandName ?? type.lowercased()
            #expect(!configuration.abstract.isEmpty, "\(name)")
            #expect(configuration.discussion.contains("vlab \(name)"), "\(name)")
        }
    }
}
