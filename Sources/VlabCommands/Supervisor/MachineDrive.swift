import Redfish

/// The CD drive of a machine of the lab as its BMC's virtual media sees it.
struct MachineDrive: MediaDrive {
    let node: String
    let hypervisor: LibvirtHypervisor

    func insert(_ image: String) async throws { try await hypervisor.setImage(image, of: node) }

    func eject() async throws { try await hypervisor.setImage(nil, of: node) }
}
