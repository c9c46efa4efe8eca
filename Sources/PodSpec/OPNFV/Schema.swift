import LabModel
import YAML

/// What a JSON schema says of a value, as far as OPNFV's two schemas say anything.
indirect enum Schema: Sendable {
    case text
    /// A text that a pattern describes, shown by an example.
    case pattern(String, @Sendable (String) -> Bool)
    case choice([String])
    case number
    case numbers([Double])
    case flag
    case list(Schema)
    case object([Field])
    /// A mapping of whatever keys, the schema does not say.
    case openObject
    case anything
    case orNull(Schema)
    /// A text or a number.
    case textOrNumber
    /// One schema or another, told apart by the mapping's `type`.
    case byType([String: Schema], otherwise: Schema)

    /// A property; an object has no others.
    struct Field: Sendable {
        var name: String
        var schema: Schema
        var isRequired: Bool
    }

    static func required(_ name: String, _ schema: Schema) -> Field {
        Field(name: name, schema: schema, isRequired: true)
    }
    static func optional(_ name: String, _ schema: Schema) -> Field {
        Field(name: name, schema: schema, isRequired: false)
    }

    /// Reports everything that is not as the schema has it.
    func check(_ node: YAMLNode, _ what: String, _ reader: inout YAMLReader) {
        switch self {
        case .text: _ = reader.schemaText(node, what)
        case .pattern(let example, let matches):
            _ = reader.schemaText(node, what, like: example, matches)
        case .choice(let choices): _ = reader.schemaChoice(node, what, of: choices)
        case .number: _ = reader.schemaNumber(node, what)
        case .numbers(let choices): _ = reader.schemaNumber(node, what, of: choices)
        case .flag:
            if case .scalar(let text, .plain) = node.content, case .truth = YAML11(text) { return }
            reader.schemaError("\(what) must be true or false, not \(node.kind)", node)
        case .list(let item):
            guard let items = reader.sequence(node, what) else { return }
            for one in items { item.check(one, what, &reader) }
        case .object(let fields): Self.check(fields, node, what, &reader)
        case .openObject: _ = reader.anyMapping(node, what)
        case .anything: return
        case .orNull(let schema): if !node.isNull { schema.check(node, what, &reader) }
        case .textOrNumber:
            if node.text == nil || node.isNull {
                reader.schemaError(
                    "\(what) must be a text or a number, not \(node.kind)",
                    node,
                    hint: YAMLReader.oneValue(node)
                )
            }
        case .byType(let schemas, let otherwise):
            (node["type"]?.text.flatMap { schemas[$0] } ?? otherwise).check(node, what, &reader)
        }
    }

    private static func check(
        _ fields: [Field],
        _ node: YAMLNode,
        _ what: String,
        _ reader: inout YAMLReader
    ) {
        let map = reader.mapping(
            node,
            what,
            required: fields.filter(\.isRequired).map(\.name),
            optional: fields.filter { !$0.isRequired }.map(\.name)
        )
        guard let map else { return }
        for field in fields {
            if let value = map[field.name] { field.schema.check(value, field.name, &reader) }
        }
    }
}
