/// Why a BMC cannot be started.
package enum BMCError: Error, Hashable, Sendable, CustomStringConvertible {
    case badUUID(node: String, String)
    case badAccount(node: String, reason: String)
    case cannotBind(node: String, address: String, reason: String)

    package var description: String {
        switch self {
        case .badUUID(let node, let text): "BMC of \(node): \"\(text)\" is not a UUID"
        case .badAccount(let node, let reason): "BMC of \(node): \(reason)"
        case .cannotBind(let node, let address, let reason):
            "BMC of \(node): cannot listen on \(address): \(reason)"
        }
    }
}
