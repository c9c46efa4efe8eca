import LabModel
import YAML

/// When the lab heals a fault.
package enum Until: Sendable, Hashable {
    /// When the fault has done all that it was told to do.
    case spent
    /// When the run ends.
    case end
    /// So long after it first bit.
    case duration(Duration)
    /// At a moment of the run after it first bit.
    case moment(Trigger)

    static let fields = [
        Form.Field("after", "so long after the fault first bit: 90s"),
        Form.Field("on", "console, engine or stage: heal at that moment"),
        Form.Field("match", "on console or engine: a regular expression for the line"),
        Form.Field("stage", "on stage: its name"),
    ]

    /// `until: end`, `until: spent`, `until: {after: 90s}`, `until: {on: engine, match: …}`.
    init?(_ node: YAMLNode, _ what: String, _ reader: inout YAMLReader) {
        switch node.text {
        case "end":
            self = .end
            return
        case "spent":
            self = .spent
            return
        default: break
        }
        guard let map = reader.mapping(node, what, optional: Self.fields.map(\.name)) else { return nil }
        if map["on"] == nil, let after = map["after"] {
            guard let duration = reader.duration(after, "after") else { return nil }
            self = .duration(duration)
            return
        }
        guard let trigger = Trigger(map, what, &reader) else { return nil }
        if case .download = trigger {
            reader.error(
                "\(what) cannot be on http",
                at: map.place(of: "on"),
                hint: "use after, or on console, engine, stage"
            )
            return nil
        }
        self = .moment(trigger)
    }

    var prose: String {
        switch self {
        case .spent: "until it is spent"
        case .end: "until the run ends"
        case .duration(let duration): "for \(duration.brief)"
        case .moment(let trigger): "until the moment \(trigger.prose)"
        }
    }
}
