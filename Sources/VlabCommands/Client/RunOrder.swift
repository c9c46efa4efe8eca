import Foundation
import Lab
import LabModel
import Scenario

/// What `vlab run` asks of a lab's supervisor.
struct RunOrder: Codable, Sendable {
    /// The scenario's file, as an absolute path.
    var scenario: String
    /// Where events, console logs and the verdict go.
    var folder: String
    /// The seed given on the command line; nil for the scenario's own.
    var seed: UInt64?
    /// The engine's command line; nil for the one that the scenario names.
    var engine: [String]?
    /// Where the command was called.
    var caller: String

    /// The folder of the scenario's file.
    var scenarioFolder: String { URL(fileURLWithPath: scenario).deletingLastPathComponent().path }

    /// The engine, and the folder that it runs in: that of whoever names it, so that a path in a file is relative to the
    /// file, and one on the command line to where the person is.
    func engine(of scenario: Scenario, in lab: LabRecord) -> (spec: EngineSpec, folder: String) {
        if let engine { return (EngineSpec(command: engine), caller) }
        let spec = scenario.engine.or(lab.pod.lab?.engine)
        // The pod's files have lab.yml last.
        guard spec != scenario.engine, let file = lab.files.last else { return (spec, scenarioFolder) }
        return (spec, URL(fileURLWithPath: file).deletingLastPathComponent().path)
    }
}
