import LabModel
import SystemPackage

/// What an image is made of: the file `recipe` in a folder of `Images`, and the trees of files beside it.
package struct Recipe: Hashable, Sendable {
    package enum Kind: String, Sendable, CaseIterable {
        /// A partitioned disk that boots by BIOS.
        case disk
        /// A kernel and a ramdisk that a network boot loads.
        case ramdisk
    }

    /// A tree of files: the ramdisk, or the root file system of a disk.
    package struct Tree: Hashable, Sendable {
        /// Empty folders to make.
        package var directories: [String] = []
        /// Programs out of the packages, taken with the libraries that they need.
        package var programs: [String] = []
        /// Names of busybox applets to link; `all` for whatever that busybox has.
        package var applets: [String] = []
        /// Kernel modules, taken with the modules that they need.
        package var modules: [String] = []
        package var size = Memory(bytes: 0)
    }

    package var name: String
    package var folder: FilePath
    package var kind: Kind
    /// Names of the kernel's package, the first that the host's sources have counts.
    package var kernel: [String]
    package var packages: [String]
    package var ramdisk: Tree
    /// The root file system of a disk.
    package var root: Tree
    /// The size of the boot partition of a disk.
    package var bootSize: Memory
    /// The kernel's command line.
    package var arguments: String
    /// The certificate authority that programs in the image trust, as PEM; nil for none but the packages' own.
    package var authority: String?
}
