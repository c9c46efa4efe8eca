import IPMI
import LabModel

// Telling subscribers what happens.
extension RedfishService {
    /// Nobody can listen at the BMC's new address.
    func cannotMove(to address: IPv4Address, _ error: any Error) {
        let details: LabEvent.Details = ["to": "\(address)", "error": "Redfish: \(error)"]
        events(LabEvent("bmc.address", node: machine.node.name, details))
    }

    /// Sends an event on its way to everybody who wants it.
    func tell(
        messageID: String,
        _ message: String,
        arguments: [String] = [],
        severity: Message.Severity = .ok,
        origin: String,
        resourceType: String,
        time: String? = nil,
        logEntry: String? = nil
    ) {
        let (event, subscribers) = with { state in
            let event = RedfishEvent(
                id: state.subscriptions.newEventID(),
                time: time ?? self.time,
                messageID: messageID,
                message: message,
                arguments: arguments,
                severity: severity,
                origin: origin,
                resourceType: resourceType,
                logEntry: logEntry
            )
            return (event, state.subscriptions.all.filter { $0.wants(event) })
        }
        for subscriber in subscribers { deliver(event, to: subscriber) }
    }

    /// Tells what the event log says.
    func tell(_ entry: EventLogEntry) {
        let place = LogResources.path(of: entry)
        tell(
            messageID: "ResourceEvent.1.4.0.ResourceCreated",
            LogResources.text(of: entry),
            severity: Message.Severity(rawValue: entry.severity.redfish) ?? .ok,
            origin: place,
            resourceType: "LogEntry",
            logEntry: place
        )
    }
}
