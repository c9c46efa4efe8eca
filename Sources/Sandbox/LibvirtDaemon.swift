import Foundation
import Glibc
import Subprocess
import SystemPackage

/// The lab's private libvirt: its configuration, its process, its socket.
package struct LibvirtDaemon: Sendable {
    /// The lab's folder.
    let folder: String
    let program: String

    /// The modular daemon where the host has it, else the monolithic one.
    package init(folder: String) throws(SandboxError) {
        self.folder = folder
        let candidates = ["/usr/sbin/virtqemud", "/usr/sbin/libvirtd"]
        guard let found = candidates.first(where: FileManager.default.isExecutableFile(atPath:)) else {
            throw .missing(program: "libvirtd", package: "libvirt-daemon libvirt-daemon-driver-qemu")
        }
        program = found
    }

    private var name: String { FilePath(program).lastComponent?.string ?? program }

    /// The socket, by a path that also works outside the sandbox.
    package var socket: String {
        "\(folder)/libvirt/run/\(name == "libvirtd" ? "libvirt-sock" : "virtqemud-sock")"
    }

    /// What virsh, virt-manager and the Libvirt module connect to.
    package var uri: String { "qemu:///system?socket=\(socket)" }

    /// Writes the configuration; called before the sandbox's mounts are made.
    ///
    /// libvirt's defaults expect root's cgroups, an own user for QEMU and virtlogd, none of which a sandbox has. Its
    /// clients are in the same sandbox: none is lost that would have to be asked for signs of life, and few are there.
    func configure() throws(SandboxError) {
        let qemu = """
            user = "root"
            group = "root"
            dynamic_ownership = 0
            remember_owner = 0
            cgroup_controllers = [ ]
            namespaces = [ ]
            security_driver = "none"
            stdio_handler = "file"
            """
        let daemon = """
            unix_sock_rw_perms = "0600"
            auth_unix_ro = "none"
            auth_unix_rw = "none"
            keepalive_interval = -1
            min_workers = 1
            prio_workers = 1
            admin_min_workers = 1
            log_outputs = "3:file:/var/log/libvirt/\(name).log"
            """
        do {
            for part in ["run", "etc", "lib", "log", "drivers"] {
                try FileManager.default.createDirectory(
                    atPath: "\(folder)/libvirt/\(part)",
                    withIntermediateDirectories: true
                )
            }
            try qemu.write(toFile: "\(folder)/libvirt/etc/qemu.conf", atomically: true, encoding: .utf8)
            try daemon.write(toFile: "\(folder)/libvirt/etc/\(name).conf", atomically: true, encoding: .utf8)
            try linkDriver()
        } catch let error as SandboxError {
            throw error
        } catch {
            throw .file("write", path: "\(folder)/libvirt", why: error.localizedDescription)
        }
    }

    /// A folder with QEMU's driver alone: the others cost a second at the start, and probe for what the sandbox hides.
    private func linkDriver() throws {
        let roots =
            ["/usr/lib", "/usr/lib64"]
            + ((try FileManager.default.contentsOfDirectory(atPath: "/usr/lib"))
                .filter { $0.hasSuffix("-linux-gnu") }.map { "/usr/lib/\($0)" })
        let paths = roots.map { "\($0)/libvirt/connection-driver/libvirt_driver_qemu.so" }
        guard let driver = paths.first(where: FileManager.default.fileExists(atPath:)) else {
            throw SandboxError.missing(
                program: "libvirt's QEMU driver",
                package: "libvirt-daemon-driver-qemu"
            )
        }
        let link = "\(folder)/libvirt/drivers/libvirt_driver_qemu.so"
        // Nil: not yet made.
        if (try? FileManager.default.destinationOfSymbolicLink(atPath: link)) == driver { return }
        try FileManager.default.createSymbolicLink(atPath: link, withDestinationPath: driver)
    }

    /// Runs the daemon until it ends or the task is cancelled; gives how it ended.
    package func run() async throws(SandboxError) -> String {
        // What a killed daemon left behind: a new one cannot listen where the old socket's file still lies.
        for left in [socket, socket + "-ro"] where unsafe unlink(left) != 0 && errno != ENOENT {
            throw .last("unlink", on: left)
        }
        // A heap for each of its threads is 3 MB more with five machines: what one frees the others then do not use.
        let environment: [Environment.Key: String] = [
            "LIBVIRT_DRIVER_DIR": "\(folder)/libvirt/drivers", "MALLOC_ARENA_MAX": "1",
        ]
        var options = PlatformOptions()
        options.teardownSequence = [.gracefulShutDown(allowedDurationToNextStep: .seconds(2))]
        do {
            let result = try await Subprocess.run(
                .path(FilePath(program)),
                environment: .inherit.updating(environment),
                platformOptions: options,
                output: .discarded,
                error: .string(limit: 1 << 16)
            )
            return "\(name) \(result.terminationStatus): \(result.standardError)"
        } catch {
            throw .program(name, doing: "run libvirt", status: "did not start", output: "\(error)")
        }
    }
}
