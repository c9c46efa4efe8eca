import LabModel
import YAML

/// How the engine ends: by its exit status, as any engine tells it.
package struct EngineStatus: ExpectationKind {
    package static let form = Form(
        "engine.status",
        "The engine has ended: SUCCESSFUL with exit status 0, ERROR with any other",
        [("engine.status", [Form.Field("is", "SUCCESSFUL or ERROR", required: true)])]
    )

    package enum Status: String, Sendable, CaseIterable { case successful = "SUCCESSFUL", error = "ERROR" }

    package let selector = NodeSelector()
    let status: Status

    package init?(_ node: YAMLNode, _ reader: inout YAMLReader) {
        guard let map = reader.mapping(node, "engine.status", required: ["is"], optional: ["within"]),
            let status = reader.choice(map["is"], "is", Status.self)
        else { return nil }
        self.status = status
    }

    package var prose: String { "the engine's end is \(status.rawValue)" }

    package func watch(_ nodes: [Node]) -> any ExpectationWatch { Watch(status: status) }

    struct Watch: ExpectationWatch {
        let status: Status
        private(set) var finding = Finding.open(saw: "it had not started", suffices: false)
        private var lastLine = ""

        init(status: Status) { self.status = status }

        /// Once the engine has ended, it has: lines may still come out of its pipe.
        mutating func observe(_ event: LabEvent) {
            guard case .open = finding else { return }
            switch event.event {
            case "engine.started": finding = .open(saw: "it was still running", suffices: false)
            case "engine.line":
                lastLine = event.details["line"] ?? ""
                finding = .open(saw: "it was still running; its last line: \(lastLine)", suffices: false)
            case "engine.exited":
                let saw =
                    (event.details["end"] ?? "an unknown end")
                    + (lastLine.isEmpty ? "" : "; its last line: \(lastLine)")
                let ended: Status = event.details["status"] == "0" ? .successful : .error
                finding = ended == status ? .met(saw: saw) : .violated(saw: saw)
            default: break
            }
        }
    }
}
