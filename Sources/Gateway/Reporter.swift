import LabModel

/// Tells the lab what happened, with the name of the node that a client's address belongs to.
struct Reporter: Sendable {
    let events: EventSink
    let nodeOf: @Sendable (IPAddress) -> String?

    func client(at address: IPAddress) -> Client { Client(address: address, node: nodeOf(address)) }

    func report(_ event: String, _ client: Client?, _ details: consuming LabEvent.Details) {
        details["client"] = client?.text
        events(LabEvent(event, node: client?.node, details))
    }
}

extension Duration {
    /// As the details of an event have it: seconds, to the millisecond.
    var inEvents: String {
        let (seconds, attoseconds) = components
        let milliseconds = seconds * 1000 + (attoseconds + 500_000_000_000_000) / 1_000_000_000_000_000
        let (whole, part) = milliseconds.quotientAndRemainder(dividingBy: 1000)
        return part == 0 ? "\(whole).0" : "\(Double(milliseconds) / 1000)"
    }
}
