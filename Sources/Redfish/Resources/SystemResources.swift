import IPMI
import LabModel
import VirtualBMC

// The machine as a computer (DSP0268, ComputerSystem).
enum SystemResources {
    static let all: [String: Resource] = [
        "v1/Systems": .collection("ComputerSystemCollection", "Computer System Collection") { scope in
            [scope.service.machine.node.name]
        },
        "v1/Systems/{system}": Resource(
            type: "ComputerSystem.v1_22_0.ComputerSystem",
            read: { scope in json(scope) },
            patch: Resource.Patch(
                privilege: .configureComponents,
                writable: { scope in
                    [
                        "Boot": .object(BootOverride.writable(scope.service.machine)),
                        "IndicatorLED": .oneOf(["Lit", "Off"]),
                        "LocationIndicatorActive": .bool,
                        "PowerRestorePolicy": .oneOf(PowerRestorePolicy.allCases.map(\.redfish)),
                    ]
                },
                apply: { scope, changes throws(Failure) in try await apply(changes, scope.service) }
            )
        ),
        "v1/Systems/{system}/Actions/ComputerSystem.Reset": .action(
            .configureComponents,
            { _ in ["ResetType": .oneOf(ResetType.allCases.map(\.rawValue))] },
            required: ["ResetType"]
        ) { scope, parameters throws(Failure) in
            guard let type = ResetType(rawValue: parameters["ResetType"]?.string ?? "") else {
                throw Failure(400, .internalError)
            }
            return try await type.perform(on: scope.service, target: scope.path)
        },
    ].merging(parts) { _, _ in preconditionFailure("two resources at one path") }

    private static func json(_ scope: Scope) -> JSON.Object {
        let (service, path) = (scope.service, scope.path)
        let node = service.machine.node
        let (flags, light, policy) = service.bmc.inspect {
            ($0.bootFlags, $0.identification, $0.powerRestorePolicy)
        }
        let isOn = service.bmc.powerState == .on
        return [
            "Name": .string(node.name),
            "Description": "A virtual server",
            "SystemType": "Virtual",
            "Manufacturer": "vlab",
            "Model": "Virtual server",
            "SerialNumber": .string(node.serial),
            "UUID": .string(node.uuid),
            "PowerState": isOn ? "On" : "Off",
            "PowerRestorePolicy": .string(policy.redfish),
            "IndicatorLED": light == .off ? "Off" : "Lit",
            "LocationIndicatorActive": .bool(light != .off),
            "Status": ["State": isOn ? "Enabled" : "StandbyOffline", "Health": "OK", "HealthRollup": "OK"],
            "Boot": .object(BootOverride.json(flags, service.machine)),
            "ProcessorSummary": [
                "Count": .int(node.cpus), "CoreCount": .int(node.cpus),
                "LogicalProcessorCount": .int(node.cpus),
                "Model": "Virtual CPU", "Status": ["State": "Enabled", "Health": "OK", "HealthRollup": "OK"],
            ],
            "MemorySummary": [
                "TotalSystemMemoryGiB": .double(Double(node.memory.bytes) / Double(1 << 30)),
                "Status": ["State": "Enabled", "Health": "OK", "HealthRollup": "OK"],
            ],
            "Processors": .link("\(path)/Processors"),
            "Memory": .link("\(path)/Memory"),
            "EthernetInterfaces": .link("\(path)/EthernetInterfaces"),
            "SimpleStorage": .link("\(path)/SimpleStorage"),
            "Storage": .link("\(path)/Storage"),
            "VirtualMedia": .link("\(path)/VirtualMedia"),
            "LogServices": .link("\(path)/LogServices"),
            "Links": [
                "Chassis": .links(["/redfish/v1/Chassis/\(node.name)"]),
                "ManagedBy": .links([ManagerResources.path]),
            ],
            "Actions": [
                "#ComputerSystem.Reset": [
                    "target": .string("\(path)/Actions/ComputerSystem.Reset"),
                    "ResetType@Redfish.AllowableValues": .array(
                        ResetType.allCases.map { .string($0.rawValue) }
                    ),
                ]
            ],
        ]
    }

    private static func apply(_ changes: JSON.Object, _ service: RedfishService) async throws(Failure) {
        // The boot first: it alone can be refused, and then nothing is changed.
        if let boot = changes["Boot"]?.object { try await BootOverride.apply(boot, service) }
        let lit =
            changes["LocationIndicatorActive"]?.bool ?? changes["IndicatorLED"]?.string.map { $0 != "Off" }
        if let lit { service.bmc.change { bmc, _, _ in ((), bmc.identify(lit)) } }
        let policy = PowerRestorePolicy.allCases.first { $0.redfish == changes["PowerRestorePolicy"]?.string }
        if let policy {
            service.bmc.change { bmc, _, _ in
                bmc.powerRestorePolicy = policy
                return ((), [])
            }
        }
    }

    // MARK: What it is made of

    private static let parts: [String: Resource] = [
        "v1/Systems/{system}/Processors": .collection("ProcessorCollection", "Processor Collection") {
            scope in
            (0..<scope.service.machine.node.cpus).map { "CPU\($0)" }
        },
        "v1/Systems/{system}/Processors/{processor}": Resource(
            type: "Processor.v1_20_0.Processor",
            read: { scope throws(Failure) in
                let names = (0..<scope.service.machine.node.cpus).map { "CPU\($0)" }
                guard names.contains(scope.id("processor")) else { throw scope.notFound }
                return [
                    "Name": .string(scope.id("processor")), "Socket": .string(scope.id("processor")),
                    "ProcessorType": "CPU", "ProcessorArchitecture": "x86", "InstructionSet": "x86-64",
                    "Manufacturer": "QEMU", "Model": "Virtual CPU", "TotalCores": 1, "TotalThreads": 1,
                    "Status": ["State": "Enabled", "Health": "OK"],
                ]
            }
        ),
        "v1/Systems/{system}/Memory": .collection("MemoryCollection", "Memory Collection") { _ in ["DIMM0"] },
        "v1/Systems/{system}/Memory/{memory}": Resource(
            type: "Memory.v1_20_0.Memory",
            read: { scope throws(Failure) in
                guard scope.id("memory") == "DIMM0" else { throw scope.notFound }
                return [
                    "Name": "DIMM 0", "MemoryType": "DRAM",
                    "CapacityMiB": .int(Int(scope.service.machine.node.memory.bytes >> 20)),
                    "Status": ["State": "Enabled", "Health": "OK"],
                ]
            }
        ),
        "v1/Systems/{system}/EthernetInterfaces": .collection(
            "EthernetInterfaceCollection",
            "Ethernet Interface Collection"
        ) { scope in scope.service.machine.node.nics.map(\.name) },
        "v1/Systems/{system}/EthernetInterfaces/{interface}": Resource(
            type: "EthernetInterface.v1_12_0.EthernetInterface",
            read: { scope throws(Failure) in
                guard let nic = scope.service.machine.node.nic(named: scope.id("interface")) else {
                    throw scope.notFound
                }
                return [
                    "Name": .string(nic.name), "Description": "A network card of the machine",
                    "MACAddress": .string("\(nic.mac)"), "PermanentMACAddress": .string("\(nic.mac)"),
                    "InterfaceEnabled": true, "Status": ["State": "Enabled", "Health": "OK"],
                    "Links": ["Chassis": .link("/redfish/v1/Chassis/\(scope.service.machine.node.name)")],
                ]
            }
        ),
    ].merging(StorageResources.all) { _, _ in preconditionFailure("two resources at one path") }
}

extension PowerRestorePolicy {
    /// As the schema of ComputerSystem calls it.
    var redfish: String {
        switch self {
        case .staysOff: "AlwaysOff"
        case .asBefore: "LastState"
        case .alwaysOn: "AlwaysOn"
        }
    }
}
