import IPMI
import LabModel

// What the standard calls things, and what the lab calls them.

extension ChassisAction {
    init(_ control: ChassisControl) {
        switch control {
        case .powerDown: self = .powerOff
        case .powerUp: self = .powerOn
        case .powerCycle: self = .powerCycle
        case .hardReset: self = .reset
        case .diagnosticInterrupt: self = .diagnosticInterrupt
        case .softShutdown: self = .softOff
        }
    }
}

extension BootSelection {
    /// Nil when the flags leave the choice to the firmware.
    init?(_ flags: BootFlags) {
        guard flags.isValid, let device = flags.device else { return nil }
        self.init(BootDevice(device), persistent: flags.isPersistent, efi: flags.isEFI)
    }
}

extension BootDevice {
    fileprivate init(_ device: BootFlags.Device) {
        switch device {
        case .network: self = .pxe
        case .disk: self = .disk
        case .cdrom: self = .cdrom
        case .setup: self = .bios
        }
    }
}

extension CompletionCode {
    /// How a chassis' refusal is told to the user of the BMC.
    init(_ error: any Error) {
        switch error as? ChassisError {
        case .notInPresentState: self = .notInPresentState
        case .busy: self = .nodeBusy
        case .unsupported: self = .invalidField
        case nil: self = .unspecified
        }
    }
}

extension LabEvent {
    /// One request to a BMC.
    init(_ report: Report, node: String) {
        var details = [
            "command": report.command, "client": "\(report.client)", "completion": report.completionText,
        ]
        details["user"] = report.user
        details["detail"] = report.detail
        self.init("ipmi.request", node: node, details)
    }
}
