import Foundation
import Glibc
import LabModel

/// Looks whether this host can rack labs; changes nothing on it.
///
///     let lacks = await HostChecks().quick().filter { $0.outcome == .lacks }
package struct HostChecks: Sendable {
    package var isRoot: Bool
    package var tun = "/dev/net/tun"
    /// Room that a node's installed disk and its downloads take.
    package static let diskOfNode = Memory.mebibytes(200)

    package init(isRoot: Bool = geteuid() == 0) { self.isRoot = isRoot }

    /// What is looked at before a lab is made: takes some hundredths of a second.
    package func quick() async -> [HostCheck] {
        var checks = HostPart.ofLab.map { $0.check(isRoot: isRoot) }
        checks.append(device())
        // Namespaces are tried by a program that may lack.
        if checks.first?.outcome == .ok { checks += await NamespaceChecks(isRoot: isRoot).all() }
        return checks
    }

    /// Whether taps can be made: the device opens for reading and writing.
    package func device() -> HostCheck {
        let file = unsafe open(tun, O_RDWR | O_CLOEXEC)
        if file >= 0 {
            close(file)
            return .ok(tun, "opens for reading and writing")
        }
        let number = errno
        let words = SandboxError.text(of: number)
        switch number {
        case ENOENT where FileManager.default.fileExists(atPath: "/sys/class/misc/tun"):
            return .lacks(tun, words, remedy: root("mknod -m 0666 \(tun) c 10 200"))
        case ENOENT, ENODEV, ENXIO:
            return .lacks(tun, words, remedy: root("modprobe tun"))
        case EACCES:
            return .lacks(tun, words, remedy: root("chmod 0666 \(tun)"))
        default:
            return .lacks(
                tun,
                words,
                remedy: "start vlab where devices may be opened (a container needs --device \(tun))"
            )
        }
    }

    /// Room where a folder is, or will be.
    package func space(for purpose: String, at folder: String, needed: Memory) -> HostCheck {
        let subject = "disk space for \(purpose)"
        guard let available = Self.available(at: folder) else {
            return .lacks(subject, "\(folder): its file system cannot be asked", remedy: "ls -ld \(folder)")
        }
        let found = "\(available.rounded) free at \(folder)"
        if available >= needed { return .ok(subject, found) }
        return .lacks(
            subject,
            "\(found), and \(needed.rounded) are needed",
            remedy: "make room there, or choose another place with XDG_STATE_HOME and XDG_CACHE_HOME: "
                + "df -h \(Self.existing(folder))"
        )
    }

    /// Whether so many nodes fit in memory at once: a guest's own, and what QEMU takes beside it.
    package func memory(forNodes nodes: Int, each: Memory) -> HostCheck {
        let subject = "memory for \(nodes) nodes"
        let besides = Memory.mebibytes(96)
        let needed = Memory(bytes: UInt64(nodes) * (each.bytes + besides.bytes))
        guard let available = Self.availableMemory else {
            return .lacks(subject, "/proc/meminfo cannot be read", remedy: "mount -t proc proc /proc")
        }
        let found = "\(available.rounded) available, \(needed.rounded) needed"
        if available >= needed { return .ok(subject, found) }
        return .lacks(subject, found, remedy: "end other programs, or take the smaller pod: vlab up pod-mini")
    }

    private func root(_ command: String) -> String { RootCommand.text(command, isRoot: isRoot) }

    /// What a plain user may still write to the file system of a folder, or of the nearest one above that there is.
    static func available(at folder: String) -> Memory? {
        var info = statvfs()
        guard unsafe statvfs(existing(folder), &info) == 0 else { return nil }
        return Memory(bytes: UInt64(info.f_bavail) * UInt64(info.f_frsize))
    }

    private static func existing(_ folder: String) -> String {
        var path = folder
        while path.count > 1, !FileManager.default.fileExists(atPath: path) {
            path = URL(fileURLWithPath: path).deletingLastPathComponent().path
        }
        return path
    }

    private static var availableMemory: Memory? {
        // Nil: said by the caller.
        guard let text = try? String(contentsOfFile: "/proc/meminfo", encoding: .utf8),
            let line = text.split(separator: "\n").first(where: { $0.hasPrefix("MemAvailable:") }),
            let kibibytes = line.split(separator: " ").dropFirst().first.flatMap({ UInt64($0) })
        else { return nil }
        return Memory(bytes: kibibytes << 10)
    }
}

extension Memory {
    /// For people: `3.4 GiB`, `210 MiB`.
    var rounded: String {
        bytes >= 1 << 30
            ? "\((Double(bytes) / Double(1 << 30)).formatted(.number.precision(.fractionLength(1)).locale(Locale(identifier: "en_US")))) GiB"
            : "\(bytes >> 20) MiB"
    }
}
