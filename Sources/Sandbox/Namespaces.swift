import Glibc

/// How a program gets into namespaces of its own.
package enum Namespaces {
    /// The command that runs `command` as PID 1 of a new sandbox; when that process ends, the kernel ends all in it.
    ///
    /// As a plain user it maps the subordinate ids of /etc/subuid, which libvirt's probing of QEMU needs
    /// («cannot set supplemental groups» otherwise).
    package static func enterNew(_ command: [String], asRoot: Bool = geteuid() == 0) -> [String] {
        let user = asRoot ? [] : ["--user", "--map-auto", "--map-root-user", "--setgroups", "allow"]
        return ["unshare"] + user
            + ["--net", "--mount", "--pid", "--ipc", "--uts", "--fork", "--kill-child", "--mount-proc", "--"]
            + command
    }

    /// The command that runs `command` inside the sandbox whose PID 1 is `pid`, seen from outside.
    package static func join(
        _ pid: Int32,
        _ command: [String],
        folder: String?,
        asRoot: Bool = geteuid() == 0
    ) -> [String] {
        let user = asRoot ? [] : ["--user", "--preserve-credentials"]
        let start = folder.map { ["--wdns=\($0)"] } ?? []
        return ["nsenter", "--target", "\(pid)"] + user
            + ["--net", "--mount", "--pid", "--ipc", "--uts"] + start + ["--"] + command
    }
}
