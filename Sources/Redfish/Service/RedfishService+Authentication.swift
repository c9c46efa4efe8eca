import Foundation
import IPMI
import VirtualBMC

// Who asks: a session's token, or name and password with each request; the accounts are those of IPMI.
extension RedfishService {
    /// Nil for a request that says nothing of it.
    func authenticate(_ call: Call) throws(Failure) -> User? {
        if let token = call.headers["x-auth-token"] {
            guard let session = with({ $0.sessions.hear(token, at: now) }), let role = role(of: session.user)
            else { throw .unauthorized }
            return User(name: session.user, role: role, session: session.id)
        }
        guard let header = call.headers["authorization"] else { return nil }
        let parts = header.split(separator: " ", maxSplits: 1)
        guard parts.count == 2, parts[0].lowercased() == "basic",
            let decoded = Data(base64Encoded: String(parts[1])).map({ String(decoding: $0, as: UTF8.self) }),
            let colon = decoded.firstIndex(of: ":")
        else { throw .unauthorized }
        let name = String(decoded[..<colon])
        let password = String(decoded[decoded.index(after: colon)...])
        guard let role = role(of: name, password: password) else { throw .unauthorized }
        return User(name: name, role: role)
    }

    /// Nil for who is not, or may not log in.
    func role(of name: String, password: String) -> Role? {
        bmc.inspect { $0.privilege(of: name, password: password) }.map(Role.init)
    }

    /// What the account allows by now.
    private func role(of name: String) -> Role? {
        bmc.inspect { bmc in bmc.accounts.first { $0.name == name && $0.isEnabled }?.limit }.map(Role.init)
    }
}
