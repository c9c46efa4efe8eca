/// A program that building images runs on the host, and the package that brings it on Debian and Ubuntu.
package struct HostProgram: Hashable, Sendable {
    /// Its name, or its path when it is in no folder of programs.
    package let name: String
    package let aptPackage: String
}

extension HostProgram {
    static let aptCache = HostProgram(name: "apt-cache", aptPackage: "apt")
    static let aptGet = HostProgram(name: "apt-get", aptPackage: "apt")
    static let debugfs = HostProgram(name: "debugfs", aptPackage: "e2fsprogs")
    static let dpkgDeb = HostProgram(name: "dpkg-deb", aptPackage: "dpkg")
    static let dpkgQuery = HostProgram(name: "dpkg-query", aptPackage: "dpkg")
    static let mcopy = HostProgram(name: "mcopy", aptPackage: "mtools")
    static let mformat = HostProgram(name: "mformat", aptPackage: "mtools")
    static let mke2fs = HostProgram(name: "mke2fs", aptPackage: "e2fsprogs")
    static let syslinux = HostProgram(name: "syslinux", aptPackage: "syslinux")
    static let xz = HostProgram(name: "xz", aptPackage: "xz-utils")
    static let zstd = HostProgram(name: "zstd", aptPackage: "zstd")

    /// The code that loads the active partition's boot sector: a file, not a program, but as necessary.
    static let bootCode = HostProgram(name: "/usr/lib/syslinux/mbr/mbr.bin", aptPackage: "syslinux-common")

    /// All that building any image needs, for `vlab doctor`.
    package static let required: [HostProgram] = [
        aptCache, aptGet, bootCode, debugfs, dpkgDeb, dpkgQuery, mcopy, mformat, mke2fs, syslinux, xz, zstd,
    ]

    /// Those that this host lacks.
    package static var missing: [HostProgram] { required.filter { ProgramRunner.locate($0) == nil } }
}
