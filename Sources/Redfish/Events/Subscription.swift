/// Somebody who wants to be told what happens (DSP0266, eventing).
struct Subscription: Hashable, Sendable {
    static let limit = 16

    var id: String
    var destination: String
    var context: String
    /// Extra header fields of each delivery.
    var headers: [String: String]
    /// Empty for everything.
    var registries: [String]
    /// Empty for everything.
    var resourceTypes: [String]
    var verifiesCertificate: Bool
    /// Suspended after deliveries that nobody took.
    var isSuspended = false

    func wants(_ event: RedfishEvent) -> Bool {
        guard !isSuspended else { return false }
        let registry = event.messageID.split(separator: ".").first.map(String.init) ?? ""
        return (registries.isEmpty || registries.contains(registry))
            && (resourceTypes.isEmpty || resourceTypes.contains(event.resourceType))
    }
}

/// Something that happened, as subscribers are told of it.
struct RedfishEvent: Hashable, Sendable {
    var id: String
    var time: String
    var messageID: String
    var message: String
    var arguments: [String] = []
    var severity: Message.Severity
    /// The path of the resource that it is about, and its type.
    var origin: String
    var resourceType: String
    /// The entry of the log that says the same.
    var logEntry: String?

    func json(context: String) -> JSON {
        var record: JSON.Object = [
            "EventType": "Other",
            "MemberId": "1",
            "EventId": .string(id),
            "EventTimestamp": .string(time),
            "MessageId": .string(messageID),
            "Message": .string(message),
            "MessageArgs": .array(arguments.map(JSON.string)),
            "MessageSeverity": .string(severity.rawValue),
            "Severity": .string(severity.rawValue),
            "OriginOfCondition": .link(origin),
        ]
        if let logEntry { record["LogEntry"] = .link(logEntry) }
        return [
            "@odata.type": "#Event.v1_10_0.Event",
            "Id": .string(id),
            "Name": "Event",
            "Context": .string(context),
            "Events": [.object(record)],
        ]
    }
}
