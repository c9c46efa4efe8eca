/// What keeps a gateway from starting, or from taking a rule.
package enum GatewayError: Error, Hashable, Sendable, CustomStringConvertible {
    case cannotListen(service: String, port: Int, reason: String)
    case ruleExists(id: String)
    case noSuchFault(id: String, FaultError)
    case alreadyStarted
    case stopped

    package var description: String {
        switch self {
        case .cannotListen(let service, let port, let reason):
            "gateway: cannot listen for \(service) on port \(port): \(reason)"
        case .ruleExists(let id): "gateway: a rule “\(id)” is installed already; remove it first"
        case .noSuchFault(let id, let error): "gateway: rule \"\(id)\": \(error)"
        case .alreadyStarted: "gateway: it runs already, and runs only once"
        case .stopped: "gateway: it has stopped"
        }
    }
}
