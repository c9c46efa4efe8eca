import Foundation

/// One request, away from the network.
package struct Call: Sendable {
    package enum Method: String, Sendable {
        case get = "GET"
        case head = "HEAD"
        case post = "POST"
        case patch = "PATCH"
        case put = "PUT"
        case delete = "DELETE"
        case options = "OPTIONS"
    }

    /// Nil for a method that Redfish does not know.
    package var method: Method?
    /// Percent-encoded, without the query.
    package var path: String
    package var query: [(name: String, value: String)]
    /// By their names in lower case.
    package var headers: [String: String]
    package var body: [UInt8]
    /// Where it came from.
    package var client: String

    package init(
        _ method: Method?,
        _ path: String,
        query: [(name: String, value: String)] = [],
        headers: [String: String] = [:],
        body: [UInt8] = [],
        client: String = ""
    ) {
        (self.method, self.path, self.query) = (method, path, query)
        (self.headers, self.body, self.client) = (headers, body, client)
    }

    /// The parts of the path, decoded; nil when it is not UTF-8 once decoded.
    var segments: [String]? {
        var segments: [String] = []
        for part in path.split(separator: "/") {
            guard let decoded = part.removingPercentEncoding else { return nil }
            segments.append(decoded)
        }
        return segments
    }
}
