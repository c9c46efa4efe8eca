import IPMI
import Lab
import LabModel
import VirtualBMC

/// A machine of the lab as its BMC sees it.
struct MachineChassis: Chassis {
    let machine: Machine
    let emit: EventSink

    var powerState: PowerState { machine.power }
    var processorTime: Duration { machine.processorTime }

    func perform(_ action: ChassisAction) async throws {
        do {
            try await machine.perform(PowerAction(action))
        } catch let error as PowerError where error.isWrongState {
            throw ChassisError.notInPresentState
        }
    }

    /// The machines have a BIOS that cannot be told to enter its set-up, and no EFI: a yes would be a lie.
    func boots(from device: BootDevice) -> Bool {
        switch device {
        case .pxe: !machine.node.nics.isEmpty
        case .disk: !machine.node.disks.isEmpty
        case .cdrom: true
        case .bios: false
        }
    }

    func bootSelectionChanged(_ selection: BootSelection?) async throws {
        if let selection, !boots(from: selection.device) || selection.isEFI { throw ChassisError.unsupported }
        try await machine.choose(
            selection.map { Machine.BootChoice(device: $0.device, isPersistent: $0.isPersistent) }
        )
    }

    func identify(_ isLit: Bool) {
        emit(LabEvent("identify", node: machine.node.name, ["light": isLit ? "on" : "off"]))
    }

    /// The BMC of this machine; nil when the pod's files give it none.
    func makeBMC(in pod: Pod) async throws -> BMCServer? {
        guard var configuration = BMCConfiguration(machine.node) else { return nil }
        let home = pod.networks.first { $0.cidr.contains(configuration.address) }
        if let home { configuration.netmask = home.cidr.netmask }
        let bmc = try BMCServer(
            configuration,
            chassis: self,
            serial: MachineSerialPort(machine: machine),
            network: SandboxBMCNetwork(pod: pod),
            events: emit
        )
        machine.watch { happening in
            switch happening {
            case .poweredOn: bmc.machineEvent(.poweredOn)
            case .poweredOff: bmc.machineEvent(.poweredOff)
            case .boots: bmc.machineBoots(.unknown)
            case .link(let nic, let isUp): bmc.machineEvent(.link(nic: nic, up: isUp))
            }
        }
        try await bmc.start()
        return bmc
    }
}

extension PowerAction {
    init(_ action: ChassisAction) {
        self =
            switch action {
            case .powerOn: .on
            case .powerOff: .off
            case .powerCycle: .cycle
            case .reset: .reset
            case .softOff: .soft
            case .diagnosticInterrupt: .interrupt
            }
    }
}
