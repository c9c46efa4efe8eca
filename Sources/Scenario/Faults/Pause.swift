import Gateway
import LabModel

/// A download that waits in its middle, once, until the run lets it go: so that a fault begins just there.
package struct Pause: Hashable, Sendable {
    package var id: String
    /// Nil means anyone, the engine included.
    package var nodes: Set<String>?
    package var url: URLPattern
    package var place: BodyPlace

    package init(id: String, nodes: Set<String>?, url: URLPattern, place: BodyPlace) {
        (self.id, self.nodes, self.url, self.place) = (id, nodes, url, place)
    }

    package var match: Match { Match(host: url.host, path: url.path, clients: nodes) }
}
