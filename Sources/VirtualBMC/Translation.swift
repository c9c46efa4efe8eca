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
    /// One request to a BMC and its answer, or a session that came or went.
    init(_ report: Report, node: String) {
        var details: LabEvent.Details = ["client": "\(report.client)"]
        details["session"] = report.session.map { "0x" + String($0, radix: 16) }
        details["user"] = report.user
        details["privilege"] = report.privilege.map { "\($0)" }
        if !report.bites.isEmpty { details["bit"] = report.bites.joined(separator: " ") }
        switch report.subject {
        case .request:
            details["command"] = report.command
            details["request"] = report.asked
            details["answer"] = report.answered
            details["completion"] = report.completion
            if report.took > .zero { details["took"] = report.took.brief }
            self.init("ipmi.request", node: node, details)
        case .sessionOpened, .sessionRefused, .sessionClosed, .sessionExpired:
            details[report.command == "opened" ? "suite" : "why"] = report.asked
            self.init("ipmi.session.\(report.command)", node: node, details)
        }
    }

    /// A fault has made a difference; nil for what is this BMC's nature.
    init?(_ bite: Bite, node: String) {
        var details: LabEvent.Details = ["kind": "bmc.\(bite.kind)", "count": "\(bite.count)"]
        details["client"] = bite.client.map { "\($0)" }
        switch bite.author {
        case .profile: return nil
        case .hand: break
        case .fault(let id): details["fault"] = id
        }
        self.init("fault.applied", node: node, details)
    }
}
