import LabModel

/// Tells the lab what happened, with the name of the node that a client's address belongs to.
struct Reporter: Sendable {
    let events: EventSink
    let nodeOf: @Sendable (IPAddress) -> String?

    func client(at address: IPAddress) -> Client { Client(address: address, node: nodeOf(address)) }

    func report(_ event: String, _ client: Client?, _ details: consuming [String: String]) {
        details["client"] = client?.address.description
        events(LabEvent(event, node: client?.node, details))
    }
}

extension Duration {
    /// As the details of an event have it: seconds, to the millisecond.
    var inEvents: String {
        let milliseconds = Int((inSeconds * 1000).rounded())
        let (whole, part) = milliseconds.quotientAndRemainder(dividingBy: 1000)
        return part == 0 ? "\(whole).0" : "\(Double(milliseconds) / 1000)"
    }
}
