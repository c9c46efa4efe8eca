import Foundation
import Synchronization

/// What to make of the key that a host shows.
package enum HostKeyPolicy: Sendable {
    /// Believe anyone: for hosts that are installed anew all the time.
    case acceptAny
    /// Believe a host the first time, and then only with the same key.
    case acceptNew(KnownHosts)
}

/// The keys that hosts are known by, in a file of OpenSSH's `known_hosts` format if one is given.
package final class KnownHosts: Sendable {
    private let path: String?
    private let keys: Mutex<[String: String]>

    /// Starts empty and stays in memory.
    package init() {
        path = nil
        keys = Mutex([:])
    }

    /// Reads the file, which may not exist yet.
    package init(file path: String) throws(SSHError) {
        self.path = path
        var known: [String: String] = [:]
        if FileManager.default.fileExists(atPath: path) {
            let text: String
            do { text = try String(contentsOfFile: path, encoding: .utf8) } catch {
                throw SSHError(kind: .file, code: 0, message: "\(error)", action: "read", subject: path)
            }
            for line in text.split(separator: "\n") where !line.hasPrefix("#") {
                let parts = line.split(separator: " ", maxSplits: 1)
                if parts.count == 2 { known[String(parts[0])] = String(parts[1]) }
            }
        }
        keys = Mutex(known)
    }

    /// Forgets a host, because it has been installed anew.
    package func forget(_ endpoint: SSHEndpoint) throws(SSHError) {
        try change { $0.removeValue(forKey: Self.name(endpoint)) != nil }
    }

    /// Whether the host may show this key; a host that is not known is so from now on.
    func accepts(_ key: String, from endpoint: SSHEndpoint) throws(SSHError) -> Bool {
        var accepted = true
        try change { keys in
            guard let known = keys[Self.name(endpoint)] else {
                keys[Self.name(endpoint)] = key
                return true
            }
            accepted = known == key
            return false
        }
        return accepted
    }

    private static func name(_ endpoint: SSHEndpoint) -> String {
        endpoint.port == 22 ? endpoint.host : "[\(endpoint.host)]:\(endpoint.port)"
    }

    /// Changes the table and, if the body says that it did, writes the file.
    private func change(_ body: (inout [String: String]) -> Bool) throws(SSHError) {
        let failure: SSHError? = keys.withLock { keys in
            guard body(&keys), let path else { return nil }
            let text = keys.sorted { $0.key < $1.key }.map { "\($0.key) \($0.value)\n" }.joined()
            do { try text.write(toFile: path, atomically: true, encoding: .utf8) } catch {
                return SSHError(kind: .file, code: 0, message: "\(error)", action: "write", subject: path)
            }
            return nil
        }
        if let failure { throw failure }
    }
}
