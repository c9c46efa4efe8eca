/// The schemas of what this service says, which the standard's own site publishes.
enum Schemas {
    /// The versions that this service speaks, by type.
    static let versions: [(type: String, version: String)] = [
        ("AccountService", "v1_15_1"), ("Chassis", "v1_25_0"), ("ComputerSystem", "v1_22_0"),
        ("Drive", "v1_20_0"), ("EthernetInterface", "v1_12_0"), ("Event", "v1_10_0"),
        ("EventDestination", "v1_14_1"), ("EventService", "v1_10_1"), ("JsonSchemaFile", "v1_1_5"),
        ("LogEntry", "v1_16_0"), ("LogService", "v1_7_0"), ("Manager", "v1_19_0"),
        ("ManagerAccount", "v1_12_0"), ("ManagerNetworkProtocol", "v1_10_1"), ("Memory", "v1_20_0"),
        ("Message", "v1_2_1"), ("MessageRegistry", "v1_6_2"), ("MessageRegistryFile", "v1_1_5"),
        ("Power", "v1_7_2"), ("Processor", "v1_20_0"), ("Role", "v1_3_2"), ("Sensor", "v1_9_0"),
        ("ServiceRoot", "v1_17_0"), ("Session", "v1_7_2"), ("SessionService", "v1_1_9"),
        ("SimpleStorage", "v1_3_1"), ("Storage", "v1_17_0"), ("Task", "v1_7_4"), ("TaskService", "v1_2_1"),
        ("Thermal", "v1_7_2"), ("VirtualMedia", "v1_6_3"),
    ]

    /// Collections, which have no versions.
    private static let collections = [
        "ChassisCollection", "ComputerSystemCollection", "DriveCollection", "EthernetInterfaceCollection",
        "EventDestinationCollection", "JsonSchemaFileCollection", "LogEntryCollection",
        "LogServiceCollection",
        "ManagerAccountCollection", "ManagerCollection", "MemoryCollection", "MessageRegistryFileCollection",
        "ProcessorCollection", "RoleCollection", "SensorCollection", "SessionCollection",
        "SimpleStorageCollection", "StorageCollection", "TaskCollection", "VirtualMediaCollection",
    ]

    /// The OData metadata document: where each name comes from (DSP0266, OData metadata).
    static let metadata: String = {
        let site = "http://redfish.dmtf.org/schemas/v1"
        let versioned = versions.map { type, version in
            """
              <edmx:Reference Uri="\(site)/\(type)_v1.xml">
                <edmx:Include Namespace="\(type)"/>
                <edmx:Include Namespace="\(type).\(version)"/>
              </edmx:Reference>
            """
        }
        let unversioned = collections.map { type in
            """
              <edmx:Reference Uri="\(site)/\(type)_v1.xml">
                <edmx:Include Namespace="\(type)"/>
              </edmx:Reference>
            """
        }
        return """
            <?xml version="1.0" encoding="UTF-8"?>
            <edmx:Edmx xmlns:edmx="http://docs.oasis-open.org/odata/ns/edmx" Version="4.0">
              <edmx:Reference Uri="\(site)/RedfishExtensions_v1.xml">
                <edmx:Include Namespace="RedfishExtensions.v1_0_0" Alias="Redfish"/>
              </edmx:Reference>
            \((versioned + unversioned).joined(separator: "\n"))
              <edmx:DataServices>
                <Schema xmlns="http://docs.oasis-open.org/odata/ns/edm" Namespace="Service">
                  <EntityContainer Name="Service" Extends="ServiceRoot.v1_17_0.ServiceContainer"/>
                </Schema>
              </edmx:DataServices>
            </edmx:Edmx>

            """
    }()
}
