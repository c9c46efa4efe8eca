import IPMI
import LabModel
import VirtualBMC

// The box that the machine is in (DSP0268, Chassis).
enum ChassisResources {
    static let all: [String: Resource] = [
        "v1/Chassis": .collection("ChassisCollection", "Chassis Collection") { scope in
            [scope.service.machine.node.name]
        },
        "v1/Chassis/{chassis}": Resource(
            type: "Chassis.v1_25_0.Chassis",
            read: { scope in
                let service = scope.service
                let node = service.machine.node
                let light = service.bmc.inspect(\.identification)
                return [
                    "Name": .string("Chassis of \(node.name)"),
                    "ChassisType": "RackMount",
                    "Manufacturer": "vlab",
                    "Model": "Virtual server",
                    "SerialNumber": .string(node.serial),
                    "PowerState": service.bmc.powerState == .on ? "On" : "Off",
                    "IndicatorLED": light == .off ? "Off" : "Lit",
                    "LocationIndicatorActive": .bool(light != .off),
                    "Status": ["State": "Enabled", "Health": "OK"],
                    "Thermal": .link("\(scope.path)/Thermal"),
                    "Power": .link("\(scope.path)/Power"),
                    "Sensors": .link("\(scope.path)/Sensors"),
                    "Links": [
                        "ComputerSystems": .links(["/redfish/v1/Systems/\(node.name)"]),
                        "ManagedBy": .links([ManagerResources.path]),
                        "ManagersInChassis": .links([ManagerResources.path]),
                    ],
                ]
            },
            patch: Resource.Patch(
                privilege: .configureComponents,
                writable: { _ in ["IndicatorLED": .oneOf(["Lit", "Off"]), "LocationIndicatorActive": .bool] },
                apply: { scope, changes in
                    let lit =
                        changes["LocationIndicatorActive"]?.bool
                        ?? changes["IndicatorLED"]?.string.map { $0 != "Off" }
                    if let lit { scope.service.bmc.change { bmc, _, _ in ((), bmc.identify(lit)) } }
                }
            )
        ),
    ]
}
