import Glibc

/// The inside of a sandbox, made by its PID 1.
///
///     let sandbox = Sandbox(folder: folder, libvirtCache: cache, authority: authority.certificate)
///     let (daemon, tagged) = try await sandbox.make(SandboxPlan(pod: pod))
package struct Sandbox: Sendable {
    /// The lab's folder.
    package let folder: String
    /// Where libvirt keeps what it learnt about QEMU, for all labs.
    package let libvirtCache: String

    /// The certificate of the authority that programs in it trust beside the host's, as PEM.
    package let authority: String

    package init(folder: String, libvirtCache: String, authority: String) {
        (self.folder, self.libvirtCache, self.authority) = (folder, libvirtCache, authority)
    }

    /// Mounts, switches and libvirt's configuration.
    ///
    /// Only for PID 1 of fresh namespaces: anybody else would change the host.
    package func make(
        _ plan: SandboxPlan
    ) async throws(SandboxError) -> (LibvirtDaemon, TaggedInterfaces) {
        guard getpid() == 1 else {
            throw .unsupported(
                "a sandbox is made by PID 1 of its namespaces, and this is process \(getpid()); use vlab up"
            )
        }
        guard unsafe sethostname(plan.hostname, plan.hostname.utf8.count) == 0 else {
            throw .last("sethostname", on: plan.hostname)
        }
        let daemon = try LibvirtDaemon(folder: folder)
        try daemon.configure()
        try Mounts(
            folder: folder,
            sharedCache: libvirtCache,
            hostname: plan.hostname,
            authority: authority
        ).make()
        return (daemon, try await SandboxNetwork.make(plan))
    }
}
