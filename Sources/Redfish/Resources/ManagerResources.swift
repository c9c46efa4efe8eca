import IPMI
import LabModel
import VirtualBMC

// The BMC itself (DSP0268, Manager).
enum ManagerResources {
    static let id = "BMC"
    static let path = "/redfish/v1/Managers/\(id)"

    static let all: [String: Resource] = [
        "v1/Managers": .collection("ManagerCollection", "Manager Collection") { _ in [id] },
        "v1/Managers/{manager}": Resource(type: "Manager.v1_19_0.Manager", read: { scope in manager(scope) }),
        "v1/Managers/{manager}/Actions/Manager.Reset": .action(
            .configureManager,
            { _ in ["ResetType": .oneOf(resets)] }
        ) { scope, parameters in
            let kind: Restart = parameters["ResetType"] == "GracefulRestart" ? .warm : .cold
            scope.service.bmc.change { bmc, now, _ in ((), bmc.restart(kind, at: now)) }
            return .done
        },
        "v1/Managers/{manager}/EthernetInterfaces": .collection(
            "EthernetInterfaceCollection",
            "Ethernet Interface Collection"
        ) { _ in [interface] },
        "v1/Managers/{manager}/EthernetInterfaces/{interface}": Resource(
            type: "EthernetInterface.v1_12_0.EthernetInterface",
            read: { scope throws(Failure) in try ethernet(scope) }
        ),
        "v1/Managers/{manager}/NetworkProtocol": Resource(
            type: "ManagerNetworkProtocol.v1_10_1.ManagerNetworkProtocol",
            read: { scope in
                [
                    "Name": "Manager Network Protocol",
                    "HostName": .string(scope.service.machine.node.name),
                    "Status": ["State": "Enabled", "Health": "OK"],
                    "HTTP": ["ProtocolEnabled": false],
                    "HTTPS": ["ProtocolEnabled": true, "Port": .int(RedfishServer.standardPort)],
                    "IPMI": ["ProtocolEnabled": true, "Port": 623],
                    "SSH": ["ProtocolEnabled": false],
                    "SNMP": ["ProtocolEnabled": false],
                    "Telnet": ["ProtocolEnabled": false],
                    "KVMIP": ["ProtocolEnabled": false],
                    "VirtualMedia": ["ProtocolEnabled": .bool(scope.service.media != nil)],
                ]
            }
        ),
    ]

    /// IPMI's cold reset and its warm one.
    private static let resets = ["ForceRestart", "GracefulRestart"]
    private static let interface = "eth0"

    private static func manager(_ scope: Scope) -> JSON.Object {
        let (service, path) = (scope.service, scope.path)
        let node = service.machine.node
        return [
            "Name": .string("BMC of \(node.name)"),
            "ManagerType": "BMC",
            "Manufacturer": "vlab",
            "Model": "Virtual BMC",
            "FirmwareVersion": "1.00",
            "UUID": .string(node.uuid),
            "ServiceEntryPointUUID": .string(node.uuid),
            "PowerState": "On",
            "DateTime": .string(service.clock),
            "DateTimeLocalOffset": "+00:00",
            "Status": ["State": "Enabled", "Health": "OK"],
            "EthernetInterfaces": .link("\(path)/EthernetInterfaces"),
            "NetworkProtocol": .link("\(path)/NetworkProtocol"),
            "VirtualMedia": .link("\(path)/VirtualMedia"),
            "LogServices": .link("\(path)/LogServices"),
            "SerialConsole": [
                "ServiceEnabled": .bool(service.bmc.inspect(\.hasSerialPort)),
                "ConnectTypesSupported": ["IPMI"],
            ],
            "Actions": [
                "#Manager.Reset": [
                    "target": .string("\(path)/Actions/Manager.Reset"),
                    "ResetType@Redfish.AllowableValues": .array(resets.map(JSON.string)),
                ]
            ],
            "Links": [
                "ManagerForServers": .links(["/redfish/v1/Systems/\(node.name)"]),
                "ManagerForServers@odata.count": 1,
                "ManagerForChassis": .links(["/redfish/v1/Chassis/\(node.name)"]),
                "ManagerForChassis@odata.count": 1,
                "ManagerInChassis": .link("/redfish/v1/Chassis/\(node.name)"),
            ],
        ]
    }

    private static func ethernet(_ scope: Scope) throws(Failure) -> JSON.Object {
        guard scope.id("interface") == interface else { throw scope.notFound }
        let settings = scope.service.bmc.inspect(\.network)
        let address: JSON.Object = [
            "Address": .string("\(IPv4Address(bits: settings.address))"),
            "SubnetMask": .string("\(IPv4Address(bits: settings.mask))"),
            "Gateway": settings.gateway == 0 ? .null : .string("\(IPv4Address(bits: settings.gateway))"),
            "AddressOrigin": "Static",
        ]
        let mac = MACAddress(octets: settings.hardwareAddress).map { JSON.string("\($0)") } ?? .null
        return [
            "Name": "BMC network interface",
            "InterfaceEnabled": true,
            "LinkStatus": "LinkUp",
            "MACAddress": mac,
            "PermanentMACAddress": mac,
            "HostName": .string(scope.service.machine.node.name),
            "IPv4Addresses": [.object(address)],
            "DHCPv4": ["DHCPEnabled": false],
            "Status": ["State": "Enabled", "Health": "OK"],
        ]
    }
}
