import Foundation
import IPMI
import VirtualBMC

// The event log: the SEL of IPMI, under the BMC and under the machine (DSP0268, LogService).
enum LogResources {
    static let all: [String: Resource] = Dictionary(
        uniqueKeysWithValues: ["v1/Managers/{manager}/LogServices", "v1/Systems/{system}/LogServices"].flatMap
        {
            path in
            [
                (path, Resource.collection("LogServiceCollection", "Log Service Collection") { _ in [id] }),
                ("\(path)/\(id)", service),
                ("\(path)/\(id)/Entries", entries),
                ("\(path)/\(id)/Entries/{entry}", entry),
                ("\(path)/\(id)/Actions/LogService.ClearLog", clear),
            ]
        }
    )

    private static let id = "SEL"
    private static let type = "LogEntry.v1_16_0.LogEntry"

    /// Where an entry is that subscribers are told of.
    static func path(of entry: EventLogEntry) -> String {
        "\(ManagerResources.path)/LogServices/\(id)/Entries/\(entry.id)"
    }

    static func text(of entry: EventLogEntry) -> String {
        (entry.sensor.map { "\($0): " } ?? "") + entry.text
    }

    private static let service = Resource(
        type: "LogService.v1_7_0.LogService",
        read: { scope in
            [
                "Name": "System Event Log",
                "ServiceEnabled": true,
                "LogEntryType": "SEL",
                "MaxNumberOfRecords": .int(BMC.eventLogCapacity),
                "OverWritePolicy": "NeverOverWrites",
                "DateTime": .string(scope.service.clock),
                "DateTimeLocalOffset": "+00:00",
                "Status": ["State": "Enabled", "Health": "OK"],
                "Entries": .link("\(scope.path)/Entries"),
                "Actions": [
                    "#LogService.ClearLog": ["target": .string("\(scope.path)/Actions/LogService.ClearLog")]
                ],
            ]
        }
    )

    /// Each with all that it says, as the standard wants it of logs.
    private static let entries = Resource(
        type: "LogEntryCollection.LogEntryCollection",
        read: { scope in
            let log = scope.service.eventLog
            return [
                "Name": "Log Entry Collection",
                "Members": .array(
                    log.map { entry in
                        var shown = json(entry)
                        shown["@odata.id"] = .string("\(scope.path)/\(entry.id)")
                        shown["@odata.type"] = .string("#\(type)")
                        return .object(shown)
                    }
                ),
                "Members@odata.count": .int(log.count),
            ]
        }
    )

    private static let entry = Resource(
        type: type,
        read: { scope throws(Failure) in
            let log = scope.service.eventLog
            guard let entry = log.first(where: { "\($0.id)" == scope.id("entry") }) else {
                throw scope.notFound
            }
            return json(entry)
        }
    )

    private static let clear = Resource.action(
        .configureManager,
        { _ in ["LogEntriesETag": .string] }
    ) { scope, _ in
        scope.service.bmc.change { bmc, now, _ in
            bmc.clearEventLog(at: now)
            return ((), [])
        }
        return .done
    }

    private static func json(_ entry: EventLogEntry) -> JSON.Object {
        var json: JSON.Object = [
            "Id": .string("\(entry.id)"),
            "Name": .string("Log Entry \(entry.id)"),
            "EntryType": "SEL",
            "EntryCode": entry.isAssertion ? "Assert" : "Deassert",
            "Severity": .string(entry.severity.redfish),
            "Message": .string(text(of: entry)),
            // For an entry of a SEL the record itself.
            "MessageId": .string(entry.record.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()),
        ]
        if let time = entry.time {
            json["Created"] = .string(Date(timeIntervalSince1970: Double(time)).formatted(.iso8601))
        }
        return json
    }
}

extension SensorReading.Health {
    /// As Redfish has it.
    var redfish: String {
        switch self {
        case .ok: "OK"
        case .warning: "Warning"
        case .critical: "Critical"
        }
    }
}
