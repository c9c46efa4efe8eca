import Gateway
import LabModel
import YAML

/// What a kind of fault is about, by the first word of its name.
package enum TrafficFamily: String, Sendable {
    case http, registry, tcp, tls, dns, ntp

    package init?(kind: String) {
        // A connection of which nothing is known yet is chosen as one with TLS is.
        if FaultCatalogue.isOfConnections(kind) {
            self = .tls
            return
        }
        guard let word = kind.split(separator: ".").first else { return nil }
        self.init(rawValue: String(word))
    }

    /// One of those that a rule counts.
    package var noun: String {
        switch self {
        case .http, .registry: "request"
        case .tcp, .tls: "connection"
        case .dns: "look-up"
        case .ntp: "question"
        }
    }

    package var fields: [Form.Field] {
        let url = Form.Field(
            "url",
            "the URL's path: a glob such as **/disk.img, or ~ and a regular expression"
        )
        let method = Form.Field("method", "how it is asked: GET, or a list of methods")
        let host = Form.Field(
            "host",
            "the server's name: a glob such as *.vlab.test, or ~ and a regular expression"
        )
        let port = Form.Field("port", "the server's port")
        return switch self {
        case .http, .registry, .tcp: [host, url, port, method]
        case .tls: [host, port]
        case .dns: [Form.Field("host", "the name that is looked up: a glob, or ~ and a regular expression")]
        case .ntp: []
        }
    }
}

/// Which traffic with the outside world: the server, the URL, and how it is asked.
struct TrafficSelector: Hashable, Sendable {
    /// Whatever its clients.
    private(set) var match = Match()

    init() {}

    /// Records what is wrong with the file; the keys were checked.
    init(_ map: YAMLReader.Mapping?, _ reader: inout YAMLReader) {
        guard let map else { return }
        match.host = reader.textPattern(map["host"], "host")
        if map["url"] != nil { match.path = reader.urlPath(map["url"]) }
        match.port = reader.integer(map["port"], "port", in: 1...65_535)
        if let methods = reader.texts(map["method"], "method", orOne: true) {
            match.methods = Set(methods)
            for method in methods where method != method.uppercased() {
                reader.error(
                    "method “\(method)” is never asked",
                    at: map["method"]?.position ?? map.position,
                    hint: "write \(method.uppercased())"
                )
            }
        }
    }

    /// ` for **/disk.img at *.vlab.test, port 443`, or nothing.
    var prose: String {
        var words = ""
        if let path = match.path { words += " for \(path)" }
        if let host = match.host { words += " at \(host)" }
        if let port = match.port { words += ", port \(port)" }
        if let methods = match.methods { words += ", by \(methods.sorted().joined(separator: " or "))" }
        return words
    }
}

extension YAMLReader {
    /// A glob, or a regular expression behind a tilde.
    mutating func textPattern(_ node: YAMLNode?, _ what: String) -> TextPattern? {
        guard let node, let text = text(node, what) else { return nil }
        do {
            return try TextPattern(text)
        } catch {
            self.error("\(what): \(error)", at: node.position, hint: "behind ~ stands a regular expression")
            return nil
        }
    }

    /// A pattern that can match the path of a URL.
    mutating func urlPath(_ node: YAMLNode?) -> TextPattern? {
        guard let node, let pattern = textPattern(node, "url") else { return nil }
        let path = pattern.description
        guard path.hasPrefix("/") || path.hasPrefix("**") || path.hasPrefix("~") else {
            let hint = path.contains("://") ? "name the server by host:" : "write **/\(path)"
            error("url “\(path)” matches nothing: a path starts with /", at: node.position, hint: hint)
            return nil
        }
        return pattern
    }
}
