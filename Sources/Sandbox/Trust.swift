import Foundation

/// Whom programs in a sandbox trust when they speak TLS: whoever the host trusts, and the lab's authority.
package enum Trust {
    /// What curl, git, apt, wget and Go's programs read on Debian and Ubuntu.
    package static let bundle = "/etc/ssl/certs/ca-certificates.crt"

    /// For those that do not: Python's requests and pip bring a bundle of their own, and OpenSSL looks where its
    /// builder chose.
    ///
    /// What the user has set stays.
    package static func environment(
        beside existing: [String: String] = ProcessInfo.processInfo.environment
    ) -> [String: String] {
        let wanted = ["REQUESTS_CA_BUNDLE": bundle, "SSL_CERT_FILE": bundle]
        return wanted.filter { existing[$0.key] == nil }
    }
}
