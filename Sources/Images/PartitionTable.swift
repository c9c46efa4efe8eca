/// The table in the first sector of a disk that boots by BIOS (the «master boot record»).
struct PartitionTable: Hashable, Sendable {
    static let sectorSize = 512

    struct Partition: Hashable, Sendable {
        enum Kind: UInt8, Sendable {
            /// FAT16 with logical block addressing.
            case fat16 = 0x0E
            case linux = 0x83
        }
        var kind: Kind
        var isActive: Bool
        /// In sectors.
        var start: UInt32
        /// In sectors.
        var count: UInt32
    }

    /// At most four.
    var partitions: [Partition]
    /// Fixed, so that the same disk is the same bytes.
    var diskIdentifier: UInt32

    /// The sector: boot code (up to 440 bytes), identifier, entries, signature.
    func sector(bootCode: [UInt8]) -> [UInt8] {
        precondition(bootCode.count <= 440 && partitions.count <= 4)
        var sector = bootCode + [UInt8](repeating: 0, count: 440 - bootCode.count)
        sector += Self.bytes(diskIdentifier) + [0, 0]
        for partition in partitions {
            // Cylinder, head and sector of start and end: the value that says «use the sector numbers».
            sector += [partition.isActive ? 0x80 : 0, 0xFE, 0xFF, 0xFF]
            sector += [partition.kind.rawValue, 0xFE, 0xFF, 0xFF]
            sector += Self.bytes(partition.start) + Self.bytes(partition.count)
        }
        sector += [UInt8](repeating: 0, count: 510 - sector.count)
        return sector + [0x55, 0xAA]
    }

    private static func bytes(_ number: UInt32) -> [UInt8] {
        (0..<4).map { UInt8(truncatingIfNeeded: number >> ($0 * 8)) }
    }
}
