import Foundation
import LabModel

/// The host's proxies, as the environment names them: `http_proxy`, `https_proxy`, `no_proxy`, in lower or upper case.
package struct ProxySettings: Hashable, Sendable {
    /// An HTTP proxy.
    struct Proxy: Hashable, Sendable {
        let target: UplinkTarget
        /// What Proxy-Authorization says (RFC 7617).
        let authorization: String?
    }

    private let http: Proxy?
    private let https: Proxy?
    private let exceptions: [String]

    package init(_ environment: [String: String]) throws(UplinkError) {
        func value(_ name: String) -> (String, String)? {
            for name in [name, name.uppercased()] {
                if let value = environment[name], !value.isEmpty { return (name, value) }
            }
            return nil
        }
        http = try value("http_proxy").map(Self.proxy)
        https = try value("https_proxy").map(Self.proxy)
        exceptions = (value("no_proxy")?.1 ?? "").lowercased()
            .split { $0 == "," || $0.isWhitespace }.map(String.init)
    }

    /// The proxy to go through; nil when the host is reached without.
    func proxy(for purpose: UplinkPurpose, to target: UplinkTarget) -> Proxy? {
        if exceptions.contains(where: { Self.excepts($0, target) }) { return nil }
        return purpose == .http ? http : https
    }

    private static func proxy(_ name: String, _ value: String) throws(UplinkError) -> Proxy {
        let text = value.contains("://") ? value : "http://" + value
        // The value may hold a password: it is not repeated in the error.
        guard let url = URLComponents(string: text), let host = url.host else {
            throw .setting(name, reason: "it is not a URL of a proxy; it should be http://HOST:PORT")
        }
        guard url.scheme?.lowercased() == "http" else {
            throw .setting(
                name,
                reason: "a proxy that speaks \(url.scheme ?? "?") cannot be used; give it as http://HOST:PORT"
            )
        }
        let address = host.trimmingCharacters(in: ["[", "]"])
        guard let target = UplinkTarget(host: address, port: url.port ?? 80) else {
            throw .setting(name, reason: "\(host) is not a proxy's name")
        }
        let authorization = url.user.map { user in
            "Basic " + Data("\(user):\(url.password ?? "")".utf8).base64EncodedString()
        }
        return Proxy(target: target, authorization: authorization)
    }

    /// `*`, a name and everything below it, an address, a network of IPv4, each with a port or without.
    private static func excepts(_ pattern: String, _ target: UplinkTarget) -> Bool {
        if pattern == "*" || pattern == target.host { return true }
        if let network = IPv4Network(pattern), let address = IPv4Address(target.host) {
            return network.contains(address)
        }
        var name = pattern[...]
        if let colon = pattern.lastIndex(of: ":"), pattern.firstIndex(of: ":") == colon {
            guard pattern[pattern.index(after: colon)...] == "\(target.port)" else { return false }
            name = pattern[..<colon]
        }
        if name.hasPrefix("*") { name = name.dropFirst() }
        if name.hasPrefix(".") { name = name.dropFirst() }
        return !name.isEmpty && (target.host == name || target.host.hasSuffix("." + name))
    }
}
