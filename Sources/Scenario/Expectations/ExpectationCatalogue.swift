/// All kinds of expectations that scenarios may have.
package struct ExpectationCatalogue {
    package static let kinds: [any ExpectationKind.Type] = [
        EngineStatus.self, EngineLog.self, ConsoleShows.self, NodeState.self, NodeInstalled.self,
        HTTPRequests.self, DNSAnswered.self, TCPServed.self,
        Reboots.self, NeverSeen.self, BMCReachable.self,
    ]

    /// Kinds that make sense at every moment; the others come true once.
    package static let invariants: Set<String> = [
        "never", "bmc.reachable", "reboots", "http.requests", "dns.answered", "tcp.served",
    ]

    package static func kind(named name: String) -> (any ExpectationKind.Type)? {
        kinds.first { $0.form.name == name }
    }
}
