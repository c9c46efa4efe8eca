import IPMI
import LabModel
import VirtualBMC

/// What the next boot is from: the flags that IPMI keeps, as ComputerSystem has them.
enum BootOverride {
    /// The schema's BootSourceOverrideEnabled.
    enum Enabled: String, CaseIterable {
        case disabled = "Disabled", once = "Once", continuous = "Continuous"
    }

    private static let none = "None"

    private static func name(_ device: BootFlags.Device) -> String {
        switch device {
        case .network: "Pxe"
        case .disk: "Hdd"
        case .cdrom: "Cd"
        case .setup: "BiosSetup"
        }
    }

    private static func flag(_ device: BootDevice) -> BootFlags.Device {
        switch device {
        case .pxe: .network
        case .disk: .disk
        case .cdrom: .cdrom
        case .bios: .setup
        }
    }

    private static func targets(_ machine: MachineDescription) -> [String] {
        [none] + machine.bootDevices.map { name(flag($0)) }
    }

    private static func modes(_ machine: MachineDescription) -> [String] {
        ["Legacy"] + (machine.bootsEFI ? ["UEFI"] : [])
    }

    static func writable(_ machine: MachineDescription) -> [String: Shape] {
        [
            "BootSourceOverrideTarget": .oneOf(targets(machine)),
            "BootSourceOverrideEnabled": .oneOf(Enabled.allCases.map(\.rawValue)),
            "BootSourceOverrideMode": .oneOf(modes(machine)),
        ]
    }

    static func json(_ flags: BootFlags, _ machine: MachineDescription) -> JSON.Object {
        [
            "BootSourceOverrideTarget": .string(flags.device.map(name) ?? none),
            "BootSourceOverrideTarget@Redfish.AllowableValues": .array(targets(machine).map(JSON.string)),
            "BootSourceOverrideEnabled": .string(enabled(flags).rawValue),
            "BootSourceOverrideMode": flags.isEFI ? "UEFI" : "Legacy",
            "BootSourceOverrideMode@Redfish.AllowableValues": .array(modes(machine).map(JSON.string)),
        ]
    }

    private static func enabled(_ flags: BootFlags) -> Enabled {
        guard flags.isValid, flags.device != nil else { return .disabled }
        return flags.isPersistent ? .continuous : .once
    }

    /// Makes the changes, or none; what is not named stays as it is.
    static func apply(_ changes: JSON.Object, _ service: RedfishService) async throws(Failure) {
        let old = service.bmc.inspect(\.bootFlags)
        var device = old.device
        if let target = changes["BootSourceOverrideTarget"]?.string {
            device = service.machine.bootDevices.map(flag).first { name($0) == target }
        }
        let wish = changes["BootSourceOverrideEnabled"]?.string.flatMap(Enabled.init)
        let isEFI = changes["BootSourceOverrideMode"]?.string.map { $0 == "UEFI" } ?? old.isEFI
        let enabled = device == nil ? wish ?? .disabled : wish ?? enabled(old)
        if device == nil, enabled != .disabled {
            throw Failure(
                400,
                [
                    Message(
                        .propertyValueConflict,
                        "BootSourceOverrideEnabled",
                        "BootSourceOverrideTarget",
                        about: ["#/Boot/BootSourceOverrideEnabled"]
                    )
                ]
            )
        }
        var flags = BootFlags(device, persistent: enabled == .continuous, efi: isEFI)
        flags.isValid = enabled != .disabled
        guard flags != old else { return }
        switch await service.bmc.perform(.boot(flags)) {
        case .success: break
        case .invalidField:
            let target = changes["BootSourceOverrideTarget"]?.text ?? device.map(name) ?? none
            throw Failure(
                400,
                [
                    Message(
                        .propertyValueNotInList,
                        target,
                        "Boot/BootSourceOverrideTarget",
                        about: ["#/Boot/BootSourceOverrideTarget"]
                    )
                ]
            )
        case let completion: throw Failure(completion)
        }
    }
}

extension Failure {
    /// What the machine said to something that it was to do.
    init(_ completion: CompletionCode) {
        switch completion {
        case .notInPresentState: self.init(409, .resourceInStandby)
        case .nodeBusy: self.init(409, .resourceInUse)
        case .destinationUnavailable: self = .unavailable(retryIn: 10)
        default: self.init(500, .operationFailed)
        }
    }
}
