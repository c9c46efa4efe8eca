import LabModel

/// What of the traffic a rule is about: everything that is not nil must fit.
package struct Match: Hashable, Sendable, Codable {
    /// The server's name, in any case of letters; for DNS the name that is looked up.
    package var host: TextPattern? { didSet { host = host?.ofHosts } }
    /// The server's port.
    package var port: Int?
    /// The URL's path, decoded, without the query; a connection of which no URL is known does not fit.
    package var path: TextPattern?
    /// `GET`, `POST`, …; a connection of which no method is known does not fit.
    package var methods: Set<String>?
    /// Names of nodes, or addresses of those that have none.
    package var clients: Set<String>?

    package init(
        host: TextPattern? = nil,
        port: Int? = nil,
        path: TextPattern? = nil,
        methods: Set<String>? = nil,
        clients: Set<String>? = nil
    ) {
        (self.host, self.port, self.path) = (host?.ofHosts, port, path)
        (self.methods, self.clients) = (methods, clients)
    }

    func fits(_ subject: Subject) -> Bool {
        fits(clients, subject.client.name) && fits(port, subject.port) && fits(methods, subject.method)
            && fits(host, subject.host) && fits(path, subject.path)
    }

    private func fits(_ pattern: TextPattern?, _ text: String?) -> Bool {
        guard let pattern else { return true }
        return text.map(pattern.matches) ?? false
    }

    private func fits(_ wanted: Set<String>?, _ text: String?) -> Bool {
        guard let wanted else { return true }
        return text.map(wanted.contains) ?? false
    }

    private func fits(_ wanted: Int?, _ port: Int?) -> Bool { wanted == nil || wanted == port }
}

/// What is known of a request, a look-up or a connection when rules are asked about it.
struct Subject: Sendable {
    var client: Client
    var host: String?
    var port: Int?
    var path: String?
    var method: String?
}
