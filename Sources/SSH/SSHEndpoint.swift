/// Whom to log in as, and where.
package struct SSHEndpoint: Hashable, Sendable, Codable, CustomStringConvertible {
    package var user: String
    package var host: String
    package var port: UInt16

    package init(user: String = "root", host: String, port: UInt16 = 22) {
        (self.user, self.host, self.port) = (user, host, port)
    }

    package var description: String { "\(user)@\(host):\(port)" }
}
