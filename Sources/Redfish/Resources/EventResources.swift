import Foundation

// Who is told what happens (DSP0268, EventService).
enum EventResources {
    static let all: [String: Resource] = [
        "v1/EventService": Resource(
            type: "EventService.v1_10_1.EventService",
            read: { _ in
                [
                    "Name": "Event Service",
                    "ServiceEnabled": true,
                    "DeliveryRetryAttempts": .int(EventCourier.attempts),
                    "DeliveryRetryIntervalSeconds": .int(EventCourier.interval),
                    "EventFormatTypes": ["Event"],
                    "EventTypesForSubscription": ["Alert", "Other", "ResourceAdded", "StatusChange"],
                    "RegistryPrefixes": ["ResourceEvent"],
                    "ResourceTypes": ["ComputerSystem", "LogEntry"],
                    "SubordinateResourcesSupported": false,
                    "IncludeOriginOfConditionSupported": false,
                    "Status": ["State": "Enabled", "Health": "OK"],
                    "Subscriptions": .link("\(path)/Subscriptions"),
                    "Actions": [
                        "#EventService.SubmitTestEvent": [
                            "target": .string("\(path)/Actions/EventService.SubmitTestEvent")
                        ]
                    ],
                ]
            }
        ),
        "v1/EventService/Actions/EventService.SubmitTestEvent": .action(
            .configureManager,
            { _ in
                [
                    "EventId": .string, "EventTimestamp": .string, "EventType": .string, "Message": .string,
                    "MessageArgs": .strings(), "MessageId": .string, "OriginOfCondition": .string,
                    "Severity": .oneOf(["OK", "Warning", "Critical"]), "EventGroupId": .integer(0...Int.max),
                    "MessageSeverity": .oneOf(["OK", "Warning", "Critical"]),
                ]
            }
        ) { scope, parameters in
            scope.service.tell(
                messageID: parameters["MessageId"]?.string ?? "ResourceEvent.1.4.0.TestMessage",
                parameters["Message"]?.string ?? "Test message.",
                arguments: (parameters["MessageArgs"]?.array ?? []).compactMap(\.string),
                severity: (parameters["MessageSeverity"] ?? parameters["Severity"])?.string
                    .flatMap(Message.Severity.init) ?? .ok,
                origin: parameters["OriginOfCondition"]?.string ?? path,
                resourceType: "EventService",
                time: parameters["EventTimestamp"]?.string
            )
            return .done
        },
        "v1/EventService/Subscriptions": .collection(
            "EventDestinationCollection",
            "Event Subscriptions Collection",
            post: Resource.Post(
                privilege: .configureManager,
                parameters: { _ in parameters },
                required: ["Destination", "Protocol"],
                apply: { scope, body throws(Failure) in try subscribe(body, scope) }
            )
        ) { scope in scope.service.with { $0.subscriptions.all.map(\.id) } },
        "v1/EventService/Subscriptions/{subscription}": Resource(
            type: type,
            read: { scope throws(Failure) in json(try subscription(scope)) },
            patch: Resource.Patch(
                privilege: .configureManager,
                writable: { _ in ["Context": .string, "VerifyCertificate": .bool] },
                apply: { scope, changes throws(Failure) in
                    let id = try subscription(scope).id
                    scope.service.with { state in
                        if let context = changes["Context"]?.string {
                            state.subscriptions[id]?.context = context
                        }
                        if let verifies = changes["VerifyCertificate"]?.bool {
                            state.subscriptions[id]?.verifiesCertificate = verifies
                        }
                    }
                }
            ),
            delete: Resource.Delete(
                privilege: .configureManager,
                apply: { scope throws(Failure) in
                    let id = try subscription(scope).id
                    scope.service.with { $0.subscriptions[id] = nil }
                }
            )
        ),
        "v1/EventService/Subscriptions/{subscription}/Actions/EventDestination.ResumeSubscription": .action(
            .configureManager
        ) { scope, _ throws(Failure) in
            let id = try subscription(scope).id
            scope.service.with { $0.subscriptions[id]?.isSuspended = false }
            return .done
        },
    ]

    private static let path = "/redfish/v1/EventService"
    private static let type = "EventDestination.v1_14_1.EventDestination"

    private static let parameters: [String: Shape] = [
        "Destination": .string, "Protocol": .oneOf(["Redfish"]), "Context": .optional(.string),
        "Name": .string, "SubscriptionType": .oneOf(["RedfishEvent"]), "EventFormatType": .oneOf(["Event"]),
        "DeliveryRetryPolicy": .oneOf(["SuspendRetries"]),
        "EventTypes": .strings([
            "StatusChange", "ResourceUpdated", "ResourceAdded", "ResourceRemoved", "Alert", "Other",
        ]),
        "RegistryPrefixes": .strings(["ResourceEvent", "Base"]),
        "ResourceTypes": .strings(["ComputerSystem", "LogEntry", "EventService"]),
        "VerifyCertificate": .bool, "HttpHeaders": .optional(.strings()),
    ]

    private static func subscribe(_ body: JSON.Object, _ scope: Scope) throws(Failure) -> Answer {
        let destination = body["Destination"]?.string ?? ""
        guard let url = URL(string: destination), ["http", "https"].contains(url.scheme?.lowercased()),
            url.host?.isEmpty == false
        else {
            throw Failure(
                400,
                [Message(.propertyValueFormatError, destination, "Destination", about: ["#/Destination"])]
            )
        }
        var headers: [String: String] = [:]
        for header in (body["HttpHeaders"]?.array ?? []).compactMap(\.string) {
            let parts = header.split(separator: ":", maxSplits: 1).map {
                $0.trimmingCharacters(in: .whitespaces)
            }
            guard parts.count == 2, !header.contains(where: \.isNewline) else {
                throw Failure(
                    400,
                    [Message(.propertyValueFormatError, header, "HttpHeaders", about: ["#/HttpHeaders"])]
                )
            }
            headers[parts[0]] = parts[1]
        }
        func strings(_ name: String) -> [String] { (body[name]?.array ?? []).compactMap(\.string) }
        let new = scope.service.with { state in
            state.subscriptions.add { id in
                Subscription(
                    id: id,
                    destination: destination,
                    context: body["Context"]?.string ?? "",
                    headers: headers,
                    registries: strings("RegistryPrefixes"),
                    resourceTypes: strings("ResourceTypes"),
                    verifiesCertificate: body["VerifyCertificate"]?.bool ?? false
                )
            }
        }
        guard let new else { throw Failure(503, .eventSubscriptionLimitExceeded) }
        let place = "\(path)/Subscriptions/\(new.id)"
        var shown = json(new)
        shown["@odata.id"] = .string(place)
        shown["@odata.type"] = .string("#\(type)")
        shown["Id"] = .string(new.id)
        return Answer(201, .json(.object(shown)), headers: ["Location": place])
    }

    private static func subscription(_ scope: Scope) throws(Failure) -> Subscription {
        guard let found = scope.service.with({ $0.subscriptions[scope.id("subscription")] }) else {
            throw scope.notFound
        }
        return found
    }

    private static func json(_ subscription: Subscription) -> JSON.Object {
        [
            "Name": .string("Event Subscription \(subscription.id)"),
            "Destination": .string(subscription.destination),
            "Protocol": "Redfish",
            "SubscriptionType": "RedfishEvent",
            "EventFormatType": "Event",
            "EventTypes": ["Other"],
            "DeliveryRetryPolicy": "SuspendRetries",
            "Context": .string(subscription.context),
            // They may hold secrets.
            "HttpHeaders": [],
            "RegistryPrefixes": .array(subscription.registries.map(JSON.string)),
            "ResourceTypes": .array(subscription.resourceTypes.map(JSON.string)),
            "VerifyCertificate": .bool(subscription.verifiesCertificate),
            "Status": [
                "State": subscription.isSuspended ? "Disabled" : "Enabled",
                "Health": subscription.isSuspended ? "Warning" : "OK",
            ],
            "Actions": [
                "#EventDestination.ResumeSubscription": [
                    "target": .string(
                        "\(path)/Subscriptions/\(subscription.id)/Actions/EventDestination.ResumeSubscription"
                    )
                ]
            ],
        ]
    }
}
