/// A piece of XML that is written out, never read.
struct XMLElement {
    var name: String
    var attributes: [(name: String, value: String)]
    var text: String?
    var children: [XMLElement]

    init(
        _ name: String,
        _ attributes: KeyValuePairs<String, String> = [:],
        text: String? = nil,
        _ children: [XMLElement] = []
    ) {
        self.name = name
        self.attributes = attributes.map { ($0.key, $0.value) }
        (self.text, self.children) = (text, children)
    }

    /// One element a line, each level two blanks further in.
    func render(indent: String = "") -> String {
        let attributes = attributes.map { " \($0.name)='\(Self.escape($0.value))'" }.joined()
        let head = "\(indent)<\(name)\(attributes)"
        if let text { return "\(head)>\(Self.escape(text))</\(name)>\n" }
        if children.isEmpty { return "\(head)/>\n" }
        let body = children.map { $0.render(indent: indent + "  ") }.joined()
        return "\(head)>\n\(body)\(indent)</\(name)>\n"
    }

    private static func escape(_ text: String) -> String {
        var escaped = ""
        for character in text {
            switch character {
            case "&": escaped += "&amp;"
            case "<": escaped += "&lt;"
            case ">": escaped += "&gt;"
            case "'": escaped += "&apos;"
            case "\"": escaped += "&quot;"
            default: escaped.append(character)
            }
        }
        return escaped
    }
}
