// What messages and schemas mean, for programs that look them up.
enum RegistryResources {
    static let all: [String: Resource] = [
        "v1/Registries": .collection("MessageRegistryFileCollection", "Message Registry File Collection") {
            _ in
            ["Base"]
        },
        "v1/Registries/Base": Resource(
            type: "MessageRegistryFile.v1_1_5.MessageRegistryFile",
            read: { scope in
                [
                    "Name": "Base Message Registry File",
                    "Registry": .string(Message.registry),
                    "Languages": ["en"],
                    "Location": [
                        [
                            "Language": "en",
                            "Uri": .string(base),
                            "PublicationUri":
                                .string("http://redfish.dmtf.org/registries/\(Message.registry).json"),
                        ]
                    ],
                ]
            }
        ),
        "v1/Registries/Base/\(Message.registry)": Resource(
            type: "MessageRegistry.v1_6_2.MessageRegistry",
            read: { _ in registry }
        ),
        "v1/JsonSchemas": .collection("JsonSchemaFileCollection", "JSON Schema File Collection") { _ in
            Schemas.versions.map { "\($0.type).\($0.version)" }
        },
        "v1/JsonSchemas/{schema}": Resource(
            type: "JsonSchemaFile.v1_1_5.JsonSchemaFile",
            read: { scope throws(Failure) in
                let name = scope.id("schema")
                guard let schema = Schemas.versions.first(where: { "\($0.type).\($0.version)" == name })
                else {
                    throw scope.notFound
                }
                return [
                    "Name": .string("\(schema.type) Schema File"),
                    "Languages": ["en"],
                    "Schema": .string("#\(name).\(schema.type)"),
                    "Location": [
                        [
                            "Language": "en",
                            "PublicationUri": .string("http://redfish.dmtf.org/schemas/v1/\(name).json"),
                        ]
                    ],
                ]
            }
        ),
    ]

    private static let base = "/redfish/v1/Registries/Base/\(Message.registry)"

    /// The messages that this service uses; the whole registry is where `PublicationUri` says.
    private static let registry: JSON.Object = [
        "Id": .string(Message.registry),
        "Name": "Base Message Registry",
        "Language": "en",
        "RegistryPrefix": "Base",
        "RegistryVersion": .string(String(Message.registry.dropFirst("Base.".count))),
        "OwningEntity": "DMTF",
        "Messages": .object(
            Dictionary(
                uniqueKeysWithValues: Message.Kind.allCases.map { kind in
                    var entry: JSON.Object = [
                        "Description": .string(kind.entry.text),
                        "Message": .string(kind.entry.text),
                        "MessageSeverity": .string(kind.entry.severity.rawValue),
                        "Severity": .string(kind.entry.severity.rawValue),
                        "NumberOfArgs": .int(kind.entry.arguments),
                        "Resolution": .string(kind.entry.resolution),
                    ]
                    if kind.entry.arguments > 0 {
                        entry["ParamTypes"] = .array(Array(repeating: "string", count: kind.entry.arguments))
                    }
                    return (kind.rawValue, .object(entry))
                }
            )
        ),
    ]
}
