import LabModel

/// Which downloads a fault befalls.
package struct HTTPRule: Sendable {
    package var id: String
    /// The server's name, in lower case.
    package var host: Glob
    /// The URL's path, decoded, without the query.
    package var path: Glob
    /// Names of nodes, or addresses of those that have none; nil means anyone.
    package var clients: Set<String>?
    package var occurrence: Occurrence
    package var fault: HTTPFault

    package init(
        id: String,
        host: Glob = "**",
        path: Glob = "**",
        clients: Set<String>? = nil,
        occurrence: Occurrence = .always,
        fault: HTTPFault
    ) {
        (self.id, self.host, self.path, self.clients) = (id, host, path, clients)
        (self.occurrence, self.fault) = (occurrence, fault)
    }
}
