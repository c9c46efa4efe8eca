import Foundation
import Glibc

/// The sandbox's own view of the file system: a fresh /run, and private folders where libvirt keeps its files.
struct Mounts {
    /// The lab's folder, on the host.
    let folder: String
    /// Where libvirt keeps what it learnt about QEMU, shared by all labs: probing QEMU costs seconds.
    let sharedCache: String
    let hostname: String
    /// The certificate of the authority that programs are to trust, as PEM.
    let authority: String

    /// Called once, in the new mount namespace.
    ///
    /// Nothing of it is seen outside.
    func make() throws(SandboxError) {
        try mount(nil, at: "/", flags: UInt(MS_REC | MS_PRIVATE))
        try coverNames()
        try coverTrust()
        try mount("tmpfs", at: "/run", type: "tmpfs", options: "mode=0755")
        for name in ["libvirt", "lock", "host"] { try makeFolder("/run/\(name)") }
        try bind("\(folder)/libvirt/run", over: "/run/libvirt")
        for (parent, own) in [("/etc", "etc"), ("/var/lib", "lib"), ("/var/log", "log")] {
            try provide("libvirt", in: parent)
            try bind("\(folder)/libvirt/\(own)", over: "\(parent)/libvirt")
        }
        try provide("libvirt", in: "/var/cache")
        try bind(sharedCache, over: "/var/cache/libvirt")
        try nameLibvirtUser()
    }

    /// Makes `parent/name` exist without writing to the host: where it lacks, `parent` becomes a tmpfs of links to its entries.
    private func provide(_ name: String, in parent: String) throws(SandboxError) {
        guard !FileManager.default.fileExists(atPath: "\(parent)/\(name)") else { return }
        let original = "/run/host\(parent.replacing("/", with: "-"))"
        try makeFolder(original)
        try bind(parent, over: original)
        try mount("tmpfs", at: parent, type: "tmpfs", options: "mode=0755")
        let entries = try attempt("list", on: original) {
            try FileManager.default.contentsOfDirectory(atPath: original)
        }
        for entry in entries where unsafe symlink("\(original)/\(entry)", "\(parent)/\(entry)") != 0 {
            throw .last("symlink", on: "\(parent)/\(entry)")
        }
        try makeFolder("\(parent)/\(name)")
    }

    /// libvirt refuses to start without the user that Debian compiled into it, even when told to run QEMU as another.
    private func nameLibvirtUser() throws(SandboxError) {
        for (file, line) in [
            ("passwd", "libvirt-qemu:x:64055:64055::/:/usr/sbin/nologin\n"),
            ("group", "libvirt-qemu:x:64055:\nkvm:x:64056:\n"),
        ] {
            let path = "/etc/\(file)"
            let text = try attempt("read", on: path) { try String(contentsOfFile: path, encoding: .utf8) }
            guard !text.contains("libvirt-qemu:") else { continue }
            try write(text + line, to: "/run/\(file)")
            try bindFile("/run/\(file)", over: "/etc/\(file)")
        }
    }

    private func bind(_ source: String, over target: String) throws(SandboxError) {
        try makeFolder(source)
        try mount(source, at: target, flags: UInt(MS_BIND | MS_REC))
    }

    private func bindFile(_ source: String, over target: String) throws(SandboxError) {
        try mount(source, at: target, flags: UInt(MS_BIND))
    }

    private func mount(
        _ source: String?,
        at target: String,
        type: String? = nil,
        flags: UInt = 0,
        options: String? = nil
    ) throws(SandboxError) {
        guard unsafe Glibc.mount(source, target, type, flags, options) == 0 else {
            throw .last("mount", on: target)
        }
    }

    /// Names are the gateway's to resolve, whatever the host uses; the jump host's own must not need it.
    private func coverNames() throws(SandboxError) {
        for (name, text) in [
            ("resolv.conf", "nameserver \(SandboxNetwork.resolver)\n"),
            ("hosts", "127.0.0.1 localhost \(hostname)\n"),
        ] {
            let path = URL(fileURLWithPath: "/etc/\(name)").resolvingSymlinksInPath().path
            guard FileManager.default.fileExists(atPath: path) else { continue }
            try write(text, to: "\(folder)/\(name)")
            try bindFile("\(folder)/\(name)", over: path)
        }
    }

    /// The lab's authority behind those that the host trusts; a host that trusts nobody has no such file.
    private func coverTrust() throws(SandboxError) {
        let path = URL(fileURLWithPath: Trust.bundle).resolvingSymlinksInPath().path
        guard FileManager.default.fileExists(atPath: path) else { return }
        let host = try attempt("read", on: path) { try String(contentsOfFile: path, encoding: .utf8) }
        let separator = host.hasSuffix("\n") ? "" : "\n"
        try write(host + separator + authority, to: "\(folder)/ca-certificates.crt")
        try bindFile("\(folder)/ca-certificates.crt", over: path)
    }

    private func write(_ text: String, to path: String) throws(SandboxError) {
        try attempt("write", on: path) { try text.write(toFile: path, atomically: false, encoding: .utf8) }
    }

    private func attempt<Result>(
        _ task: String,
        on path: String,
        _ body: () throws -> Result
    ) throws(SandboxError) -> Result {
        do { return try body() } catch { throw .file(task, path: path, why: "\(error.localizedDescription)") }
    }

    private func makeFolder(_ path: String) throws(SandboxError) {
        guard unsafe Glibc.mkdir(path, 0o755) == 0 || errno == EEXIST else { throw .last("mkdir", on: path) }
    }
}
