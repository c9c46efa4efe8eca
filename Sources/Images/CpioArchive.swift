/// An archive in cpio's «newc» format, as the kernel unpacks into a ramdisk.
///
/// The kernel's Documentation/driver-api/early-userspace/buffer-format.rst has the format. Everything in it
/// belongs to root.
struct CpioArchive: Sendable {
    private(set) var bytes: [UInt8] = []
    private var nextInode: UInt32 = 1

    mutating func add(directory path: String) { add(path, mode: 0o040755, content: []) }
    mutating func add(link path: String, to target: String) {
        add(path, mode: 0o120777, content: Array(target.utf8))
    }
    mutating func add(file path: String, isExecutable: Bool, content: [UInt8]) {
        add(path, mode: isExecutable ? 0o100755 : 0o100644, content: content)
    }

    /// The archive's end, padded to the 512 bytes that cpio(1) pads to.
    mutating func finish() {
        nextInode = 0
        add("TRAILER!!!", mode: 0, content: [])
        pad(to: 512)
    }

    private mutating func add(_ path: String, mode: UInt32, content: [UInt8]) {
        let name = Array(path.utf8) + [0]
        let fields: [UInt32] = [
            nextInode, mode, 0, 0, 1, nextInode == 0 ? 0 : UInt32(ProgramRunner.buildTime),
            UInt32(content.count),
            0, 0, 0, 0, UInt32(name.count), 0,
        ]
        bytes += Array("070701".utf8)
        for field in fields {
            let digits = String(field, radix: 16, uppercase: true)
            bytes += Array((String(repeating: "0", count: 8 - digits.count) + digits).utf8)
        }
        bytes += name
        pad(to: 4)
        bytes += content
        pad(to: 4)
        nextInode += 1
    }

    private mutating func pad(to alignment: Int) {
        while bytes.count % alignment != 0 { bytes.append(0) }
    }
}
