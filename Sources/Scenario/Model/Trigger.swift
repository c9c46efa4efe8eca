import Gateway
import LabModel
import YAML

/// The moment at which something starts, ends or counts.
package enum Trigger: Sendable, Hashable {
    /// As soon as the engine runs.
    case start
    /// So long after the engine has started.
    case after(Duration)
    /// In the middle of a node's download, which the gateway halts at that place until the fault acts.
    case download(URLPattern, at: BodyPlace)
    /// A line on a node's serial console.
    case console(Pattern)
    /// A line of the engine's output.
    case engine(Pattern)
    /// A stage that a node's installation reports.
    case stage(String)
    /// Any event of the lab, by name.
    case event(String)

    /// Whether an event of the lab is the moment, for a fault on these nodes.
    func matches(_ event: LabEvent, nodes: Set<String>) -> Bool {
        guard event.node.map(nodes.contains) ?? true else { return false }
        return switch self {
        case .console(let pattern): event.consoleLine.map(pattern.matches) ?? false
        case .engine(let pattern):
            event.event == "engine.line" && pattern.matches(event.details["line"] ?? "")
        case .stage(let stage): event.event == "stage" && event.details["stage"] == stage
        case .event(let name): event.event == name
        case .start, .after, .download: false
        }
    }

    static let fields = [
        Form.Field("at", "so long after the engine's start: 10s; on http: where in the body, 40% or 4M"),
        Form.Field("on", "http, console, engine or stage"),
        Form.Field("url", "on http: the download's path, a glob; the fault begins in the middle of it"),
        Form.Field("host", "on http: the server's name, a glob"),
        Form.Field("match", "on console or engine: a regular expression for the line"),
        Form.Field("stage", "on stage: its name"),
    ]

    private enum Source: String, CaseIterable {
        case http, console, engine, stage

        /// The keys that must be there.
        var keys: [String] {
            switch self {
            case .http: ["url", "at"]
            case .console, .engine: ["match"]
            case .stage: ["stage"]
            }
        }
    }

    /// Nil when the moment is described wrongly, which the reader then knows.
    init?(_ map: YAMLReader.Mapping, _ what: String, _ reader: inout YAMLReader) {
        guard let on = map["on"] else {
            guard let node = map["at"] else {
                reader.error("\(what) says neither at nor on", at: map.position, hint: "as in {at: 10s}")
                return nil
            }
            Self.refuse(map, except: ["at"], "without “on”", &reader)
            guard let delay = reader.duration(node, "at") else { return nil }
            self = .after(delay)
            return
        }
        guard let source = reader.choice(on, "on", Source.self) else { return nil }
        Self.refuse(
            map,
            except: source.keys + (source == .http ? ["host"] : []),
            "on \(source.rawValue)",
            &reader
        )
        let missing = source.keys.filter { map[$0] == nil }
        for key in missing {
            reader.error(
                "\(what) on \(source.rawValue) has no “\(key)”",
                at: map.position,
                hint: key == "at" ? "add “at: 40%” or “at: 4M”, the place in the body" : "add “\(key):”"
            )
        }
        guard missing.isEmpty else { return nil }
        switch source {
        case .http:
            let url = URLPattern(map, &reader)
            let place = reader.value(map["at"], "at", example: "40% or 4M") { BodyPlace($0) }
            guard let place, let url else { return nil }
            self = .download(url, at: place)
        case .console, .engine:
            guard let pattern = reader.pattern(map["match"], "match") else { return nil }
            self = source == .console ? .console(pattern) : .engine(pattern)
        case .stage:
            guard let stage = reader.text(map["stage"], "stage") else { return nil }
            self = .stage(stage)
        }
    }

    /// Tells of each key about moments that has no meaning here.
    private static func refuse(
        _ map: YAMLReader.Mapping,
        except meant: [String],
        _ circumstance: String,
        _ reader: inout YAMLReader
    ) {
        for key in fields.map(\.name) where key != "on" && !meant.contains(key) && map[key] != nil {
            reader.error(
                "“\(key)” means nothing \(circumstance)",
                at: map.place(of: key),
                hint: "remove it"
            )
        }
    }

    var prose: String {
        switch self {
        case .start: "when the engine starts"
        case .after(let delay): "\(delay.brief) after the engine has started"
        case .download(let url, let place): "in the middle of a download of \(url), at \(place)"
        case .console(let pattern): "when a console shows “\(pattern)”"
        case .engine(let pattern): "when the engine says “\(pattern)”"
        case .stage(let stage): "when the installation reaches “\(stage)”"
        case .event(let name): "at an event \(name)"
        }
    }
}

extension LabEvent {
    /// The line, if this is one of a console.
    var consoleLine: String? { event == "console.line" ? details["line"] : nil }
}

extension YAMLReader {
    mutating func pattern(_ node: YAMLNode?, _ what: String) -> Pattern? {
        value(node, what, example: "“Kernel panic|Oops”, a regular expression") { Pattern($0) }
    }
}
