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
