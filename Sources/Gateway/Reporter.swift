import LabModel

/// Tells the lab what happened, with the name of the node that a client's address belongs to.
struct Reporter: Sendable {
    let events: EventSink
    let nodeOf: @Sendable (IPv4Address) -> String?

    /// What a client is known by: its node's name, which stays when the address changes, else its address.
    func name(of client: IPv4Address) -> String { nodeOf(client) ?? client.description }

    func report(_ event: String, client: IPv4Address, _ details: [String: String]) {
        var details = details
        details["client"] = client.description
        events(LabEvent(event, node: nodeOf(client), details))
    }
}

extension Duration {
    /// As the details of an event have it: seconds, to the millisecond.
    var inEvents: String { "\((inSeconds * 1000).rounded() / 1000)" }
}
