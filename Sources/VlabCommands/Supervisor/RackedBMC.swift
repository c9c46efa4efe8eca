import Certificates
import Lab
import LabModel
import Redfish
import VirtualBMC

/// The BMC of a machine of the lab: IPMI and Redfish at one address, on one state.
struct RackedBMC {
    let ipmi: BMCServer
    let redfish: RedfishServer

    /// Answers IPMI when this returns; nil when the pod's files give the machine no BMC.
    init?(
        _ machine: Machine,
        of lab: Lab,
        in folder: LabFolder,
        on hypervisor: LibvirtHypervisor,
        authority: CertificateAuthority
    ) async throws {
        let node = machine.node
        let chassis = MachineChassis(machine: machine) { lab.events.emit($0) }
        let devices = BootDevice.allCases.filter { chassis.boots(from: $0) }
        guard let bmc = try await chassis.makeBMC(in: lab.pod),
            let description = MachineDescription(node, bootDevices: devices)
        else { return nil }
        ipmi = bmc
        let drive = MachineDrive(node: node.name, hypervisor: hypervisor)
        let service = RedfishService(
            description,
            bmc: bmc,
            media: MediaStore(folder: folder.media(of: node.name), drive: drive)
        ) { lab.events.emit($0) }
        redfish = RedfishServer(service) {
            try authority.issue(for: [node.name], at: [.v4($0)], lifetime: .machine)
        }
    }

    /// What runs as long as the lab.
    var parts: [Part] {
        [
            Part("BMC of \(ipmi.node)") { [ipmi] in try await ipmi.run() },
            Part("Redfish of \(ipmi.node)") { [redfish] in try await redfish.run() },
        ]
    }
}
