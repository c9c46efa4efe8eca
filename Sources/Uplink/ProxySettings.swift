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

    /// `*`, a name and everything below it, an address, each with a port or without; a network.
    private static func excepts(_ pattern: String, _ target: UplinkTarget) -> Bool {
        if pattern == "*" { return true }
        let (host, port) = parts(of: pattern)
        guard port.map({ $0 == "\(target.port)" }) ?? true else { return false }
        if let address = IPAddress(target.host) { return isIn(host, address) }
        var name = host
        if name.hasPrefix("*") { name = name.dropFirst() }
        if name.hasPrefix(".") { name = name.dropFirst() }
        if name.hasSuffix(".") { name = name.dropLast() }
        return !name.isEmpty && (target.host == name || target.host.hasSuffix("." + name))
    }

    /// An address of IPv6 that has a port has brackets.
    private static func parts(of pattern: String) -> (host: Substring, port: Substring?) {
        if pattern.hasPrefix("["), let end = pattern.firstIndex(of: "]") {
            let rest = pattern[pattern.index(after: end)...]
            return (pattern[..<end].dropFirst(), rest.hasPrefix(":") ? rest.dropFirst() : nil)
        }
        guard let colon = pattern.lastIndex(of: ":"), pattern.firstIndex(of: ":") == colon else {
            return (pattern[...], nil)
        }
        return (pattern[..<colon], pattern[pattern.index(after: colon)...])
    }

    /// Whether that is the address, or a network around it: one of its addresses and the length of their prefix.
    private static func isIn(_ text: Substring, _ address: IPAddress) -> Bool {
        let words = text.split(separator: "/", omittingEmptySubsequences: false)
        guard words.count <= 2, let base = words.first.flatMap({ IPAddress(String($0)) }) else {
            return false
        }
        guard words.count == 2 else { return base == address }
        guard let length = Int(words[1]), length >= 0 else { return false }
        switch (base, address) {
        case (.v4(let base), .v4(let address)):
            return length <= 32 && IPv4Network(containing: base, prefixLength: length).contains(address)
        case (.v6(let base), .v6(let address)):
            return length <= 128 && IPv6Network(containing: base, prefixLength: length).contains(address)
        case (.v4, .v6), (.v6, .v4): return false
        }
    }
}
