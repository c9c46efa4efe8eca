import Gateway
import LabModel
import YAML

/// Which downloads: the server's name and the URL's path, each a glob or a regular expression.
package struct URLPattern: Hashable, Sendable, CustomStringConvertible {
    package var host: TextPattern?
    package var path: TextPattern

    package init(host: TextPattern? = nil, path: TextPattern) { (self.host, self.path) = (host, path) }

    static let fields = [
        Form.Field(
            "url",
            "the download's path: a glob such as **/disk.img, or ~ and a regular expression",
            required: true
        ),
        Form.Field(
            "host",
            "the server's name: a glob such as mirror-*.vlab.test, or ~ and a regular expression"
        ),
    ]

    init?(_ map: YAMLReader.Mapping, _ reader: inout YAMLReader) {
        let host = map["host"].map { reader.textPattern($0, "host") }
        guard let path = reader.urlPath(map["url"]), host != .some(nil) else { return nil }
        self.init(host: host ?? nil, path: path)
    }

    func matches(_ event: LabEvent) -> Bool {
        event.event == "http.served" && host?.matches(event.details["host"] ?? "") ?? true
            && path.matches(event.details["path"] ?? "")
    }

    package var description: String { host.map { "\($0) \(path)" } ?? "\(path)" }
}
