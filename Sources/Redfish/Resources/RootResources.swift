import LabModel

// Where clients begin (DSP0266, service root).
enum RootResources {
    static let all: [String: Resource] = [
        "": Resource(type: "", isPublic: true, read: { _ in ["v1": "/redfish/v1/"] }),
        "v1": root,
        "v1/odata": Resource(type: "", isPublic: true, read: { _ in odata }),
        "v1/$metadata": Resource(
            type: "",
            isPublic: true,
            document: { _ in Answer(200, .text(Schemas.metadata, type: "application/xml")) }
        ),
    ]

    private static let root = Resource(
        type: "ServiceRoot.v1_17_0.ServiceRoot",
        isPublic: true,
        read: { scope in
            [
                "Id": "RootService",
                "Name": "Root Service",
                "RedfishVersion": "1.20.1",
                "UUID": .string(scope.service.machine.node.uuid),
                "Vendor": "vlab",
                "Product": "Virtual BMC",
                "Systems": .link("/redfish/v1/Systems"),
                "Chassis": .link("/redfish/v1/Chassis"),
                "Managers": .link("/redfish/v1/Managers"),
                "Tasks": .link("/redfish/v1/TaskService"),
                "SessionService": .link("/redfish/v1/SessionService"),
                "AccountService": .link("/redfish/v1/AccountService"),
                "EventService": .link("/redfish/v1/EventService"),
                "Registries": .link("/redfish/v1/Registries"),
                "JsonSchemas": .link("/redfish/v1/JsonSchemas"),
                "Links": ["Sessions": .link("/redfish/v1/SessionService/Sessions")],
                "ProtocolFeaturesSupported": [
                    "ExpandQuery": [
                        "ExpandAll": true, "Levels": false, "Links": true, "NoLinks": true, "MaxLevels": 1,
                    ],
                    "FilterQuery": false,
                    "OnlyMemberQuery": false,
                    "SelectQuery": false,
                    "TopSkipQuery": true,
                    "ExcerptQuery": false,
                ],
            ]
        }
    )

    private static let odata: JSON.Object = [
        "@odata.context": "/redfish/v1/$metadata",
        "value": .array(
            [
                ("Service", "/redfish/v1/"), ("Systems", "/redfish/v1/Systems"),
                ("Chassis", "/redfish/v1/Chassis"), ("Managers", "/redfish/v1/Managers"),
                ("TaskService", "/redfish/v1/TaskService"), ("SessionService", "/redfish/v1/SessionService"),
                ("AccountService", "/redfish/v1/AccountService"),
                ("EventService", "/redfish/v1/EventService"), ("Registries", "/redfish/v1/Registries"),
                ("JsonSchemas", "/redfish/v1/JsonSchemas"),
                ("Sessions", "/redfish/v1/SessionService/Sessions"),
            ].map { name, path in
                ["name": .string(name), "kind": "Singleton", "url": .string(path)]
            }
        ),
    ]
}
