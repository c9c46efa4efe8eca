import LabModel
import YAML

/// Which downloads: the server's name and the URL's path, both globs.
package struct URLPattern: Hashable, Sendable, CustomStringConvertible {
    package var host: Glob
    package var path: Glob

    package init(host: Glob = "**", path: Glob) { (self.host, self.path) = (host, path) }

    static let fields = [
        Form.Field("url", "the download's path: a glob such as **/disk.img", required: true),
        Form.Field("host", "the server's name: a glob such as mirror-*.vlab.test"),
    ]

    init?(_ map: YAMLReader.Mapping, _ reader: inout YAMLReader) {
        let host = map["host"].map { reader.text($0, "host") }
        guard let node = map["url"], let path = reader.text(node, "url"), host != .some(nil) else {
            return nil
        }
        guard path.hasPrefix("/") || path.hasPrefix("**") else {
            let hint = path.contains("://") ? "name the server by host:" : "write **/\(path)"
            reader.error("url “\(path)” matches nothing: a path starts with /", at: node.position, hint: hint)
            return nil
        }
        // One star is any name in a host, which has no slashes.
        self.init(host: Glob((host ?? nil) ?? "**"), path: Glob(path))
    }

    func matches(_ event: LabEvent) -> Bool {
        event.event == "http.served" && host.matches(event.details["host"] ?? "")
            && path.matches(event.details["path"] ?? "")
    }

    package var description: String {
        host.description == "**" || host.description == "*" ? path.description : "\(host) \(path)"
    }
}

/// A place in the body of a response.
package enum BodyPlace: Hashable, Sendable, CustomStringConvertible {
    case bytes(Int)
    case percent(Double)

    static let fields = [
        Form.Field("percent", "the place in the body: 40%, or bytes"),
        Form.Field("bytes", "the place in the body: 4M, or percent"),
    ]

    init?(_ map: YAMLReader.Mapping, _ what: String, _ reader: inout YAMLReader) {
        switch (map["bytes"], map["percent"]) {
        case (let bytes?, nil):
            let size = reader.value(bytes, "bytes", example: "1048576 or 4M") { Memory($0) }
            guard let size, let count = Int(exactly: size.bytes) else { return nil }
            self = .bytes(count)
        case (nil, let percent?):
            let part = reader.value(percent, "percent", example: "40%") { text in
                Double(text.hasSuffix("%") ? String(text.dropLast()) : text).flatMap {
                    (0..<100).contains($0) ? $0 : nil
                }
            }
            guard let part else { return nil }
            self = .percent(part)
        case (nil, nil):
            reader.error(
                "\(what) does not say where in the body",
                at: map.position,
                hint: "add “percent: 40%” or “bytes: 4M”"
            )
            return nil
        case (_, _?):
            reader.error(
                "bytes and percent exclude each other",
                at: map.place(of: "percent"),
                hint: "keep one of them"
            )
            return nil
        }
    }

    package var description: String {
        switch self {
        case .bytes(let count): "byte \(count)"
        case .percent(let part): "\(part == part.rounded() ? "\(Int(part))" : "\(part)") %"
        }
    }
}
