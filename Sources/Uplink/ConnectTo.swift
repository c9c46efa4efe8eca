/// Another address for a host outside, as curl's `--connect-to HOST:PORT:ADDRESS:PORT` has it.
///
/// An empty host or port stands for any; an empty address or second port leaves it as it was.
package struct ConnectTo: Hashable, Sendable, LosslessStringConvertible {
    let host: String
    let port: Int?
    let otherHost: String
    let otherPort: Int?

    package init?(_ text: String) {
        guard let fields = Self.fields(text), fields.count == 4, let port = Self.port(fields[1]),
            let otherPort = Self.port(fields[3])
        else { return nil }
        (self.host, self.port) = (fields[0].lowercased(), port)
        (otherHost, self.otherPort) = (fields[2].lowercased(), otherPort)
        for host in [host, otherHost] where !host.isEmpty {
            guard UplinkTarget(host: host, port: 1) != nil else { return nil }
        }
    }

    package var description: String {
        func text(_ host: String, _ port: Int?) -> String {
            (host.contains(":") ? "[\(host)]" : host) + ":" + (port.map { "\($0)" } ?? "")
        }
        return text(host, port) + ":" + text(otherHost, otherPort)
    }

    /// Nil when it says nothing about that host and port.
    func apply(to target: UplinkTarget) -> UplinkTarget? {
        guard host.isEmpty || host == target.host, port == nil || port == target.port else { return nil }
        return UplinkTarget(
            host: otherHost.isEmpty ? target.host : otherHost,
            port: otherPort ?? target.port
        )
    }

    /// At the colons, but for those in brackets; nil when a bracket is not closed.
    private static func fields(_ text: String) -> [String]? {
        var fields = [""]
        var isBracketed = false
        for character in text {
            switch (character, isBracketed) {
            case ("[", false): isBracketed = true
            case ("]", true): isBracketed = false
            case (":", false): fields.append("")
            default: fields[fields.count - 1].append(character)
            }
        }
        return isBracketed ? nil : fields
    }

    private static func port(_ text: String) -> Int?? {
        if text.isEmpty { return .some(nil) }
        guard let port = Int(text), (1...65535).contains(port) else { return .none }
        return .some(port)
    }
}
