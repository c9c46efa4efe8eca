import LabModel

/// Builds the tree of one document from the parser's events, within bounds that no honest file reaches.
struct YAMLComposer: ~Copyable {
    private var parser: YAMLParser
    private let file: String
    private let limits: YAMLDocument.Limits
    private var anchors: [String: YAMLNode] = [:]
    private var weight = 0
    /// What is wrong without making the rest unreadable.
    private(set) var problems: [Diagnostic] = []

    init(_ text: [UInt8], file: String, limits: YAMLDocument.Limits) throws(YAMLParser.Failure) {
        parser = try YAMLParser(text)
        (self.file, self.limits) = (file, limits)
    }

    /// The root of the only document; nil when the file holds none.
    mutating func document() throws(YAMLParser.Failure) -> YAMLNode? {
        var root: YAMLNode?
        while true {
            let (event, position) = try parser.next()
            switch event {
            case .streamStart, .documentEnd: continue
            case .streamEnd: return root
            case .documentStart where root == nil:
                let (first, place) = try parser.next()
                root = try node(first, at: place, depth: 0)
            default:
                throw .init(
                    message: "a second document starts here, only one is allowed",
                    position: position,
                    advice: "put it into a file of its own, or take out the line “---”"
                )
            }
        }
    }

    private mutating func node(
        _ event: YAMLParser.Event,
        at position: YAMLNode.Position,
        depth: Int
    ) throws(YAMLParser.Failure) -> YAMLNode {
        try checkDepth(depth, at: position)
        let node: YAMLNode
        let anchor: String?
        switch event {
        case .scalar(let text, let style, let name):
            (node, anchor) = (YAMLNode(.scalar(text, style), at: position), name)
            try count(1, at: position)
        case .sequenceStart(let name):
            try count(1, at: position)
            (node, anchor) = (try sequence(at: position, depth: depth), name)
        case .mappingStart(let name):
            try count(1, at: position)
            (node, anchor) = (try mapping(at: position, depth: depth), name)
        case .alias(let name):
            guard let target = anchors[name] else {
                throw .init(
                    message: "no complete value is anchored as &\(name) before this alias",
                    position: position,
                    advice: "write &\(name) before the value that is meant, further up"
                )
            }
            try count(target.weight, at: position)
            try checkDepth(depth + target.height, at: position)
            return target
        case .streamStart, .streamEnd, .documentStart, .documentEnd, .sequenceEnd, .mappingEnd:
            throw .init(message: "a value is missing", position: position)
        }
        if let anchor { anchors[anchor] = node }
        return node
    }

    private mutating func sequence(
        at position: YAMLNode.Position,
        depth: Int
    ) throws(YAMLParser.Failure) -> YAMLNode {
        var items: [YAMLNode] = []
        var (weight, height) = (1, 0)
        while true {
            let (event, place) = try parser.next()
            if case .sequenceEnd = event {
                return YAMLNode(.sequence(items), at: position, weight: weight, height: height)
            }
            let item = try node(event, at: place, depth: depth + 1)
            weight += item.weight
            height = max(height, item.height + 1)
            items.append(item)
        }
    }

    private mutating func mapping(
        at position: YAMLNode.Position,
        depth: Int
    ) throws(YAMLParser.Failure) -> YAMLNode {
        var entries: [YAMLNode.Entry] = []
        var places: [String: YAMLNode.Position] = [:]
        var merged: [YAMLNode] = []
        var (weight, height) = (1, 0)
        while true {
            let (event, place) = try parser.next()
            if case .mappingEnd = event {
                merge(merged, into: &entries, except: Set(places.keys))
                return YAMLNode(.mapping(entries), at: position, weight: weight, height: height)
            }
            let key = try node(event, at: place, depth: depth + 1)
            let (next, valuePlace) = try parser.next()
            let value = try node(next, at: valuePlace, depth: depth + 1)
            weight += key.weight + value.weight
            height = max(height, key.height + 1, value.height + 1)
            guard let name = key.text else {
                report(
                    "a key must be a text, this one is \(key.kind)",
                    at: place,
                    hint: "quote it; or is it a template, {{ … }}, that nobody has filled in?",
                    rule: .wrongType
                )
                continue
            }
            if case .scalar("<<", .plain) = key.content {
                merged.append(value)
            } else if let first = places.updateValue(place, forKey: name) {
                places[name] = first
                report(
                    "“\(name)” is here twice, first in line \(first.line)",
                    at: place,
                    hint: "keep one of them",
                    rule: .keyTwice
                )
            } else {
                entries.append(.init(key: key, value: value))
            }
        }
    }

    /// Adds what `<<` names (YAML 1.1, “Merge Key Language-Independent Type”): a mapping's own keys win, then those of
    /// the mapping that is named first.
    private mutating func merge(
        _ values: [YAMLNode],
        into entries: inout [YAMLNode.Entry],
        except own: Set<String>
    ) {
        var taken = own
        for value in values {
            for source in value.items ?? [value] {
                guard let others = source.entries else {
                    report(
                        "<< takes a mapping or a list of mappings, not \(source.kind)",
                        at: source.position,
                        hint: "name an anchored mapping, as in <<: *common",
                        rule: .wrongType
                    )
                    continue
                }
                entries += others.filter { $0.key.text.map { taken.insert($0).inserted } ?? false }
            }
        }
    }

    private mutating func report(
        _ message: String,
        at position: YAMLNode.Position,
        hint: String? = nil,
        rule: YAMLRule
    ) {
        problems.append(
            Diagnostic(
                file: file,
                line: position.line,
                column: position.column,
                message: message,
                hint: hint,
                rule: rule.rawValue
            )
        )
    }

    private func checkDepth(_ depth: Int, at position: YAMLNode.Position) throws(YAMLParser.Failure) {
        guard depth <= limits.depth else {
            throw .init(message: "nested deeper than \(limits.depth) levels", position: position)
        }
    }

    /// Counts what the document grows to, so that a few lines of aliases cannot become a billion values.
    private mutating func count(_ nodes: Int, at position: YAMLNode.Position) throws(YAMLParser.Failure) {
        weight += nodes
        guard weight <= limits.nodes else {
            throw .init(
                message:
                    "the file grows to more than \(limits.nodes) values when its aliases are written out",
                position: position
            )
        }
    }
}
