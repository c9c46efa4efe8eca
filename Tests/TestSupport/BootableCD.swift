import Foundation

/// The smallest CD that a BIOS boots from: ISO 9660 with a boot catalogue and nothing else (El Torito 1.0).
package enum BootableCD {
    private static let sector = 2048
    /// Where things lie, by sector.
    private enum Place { static let primary = 16, record = 17, end = 18, catalogue = 19, code = 20 }

    /// A CD whose boot code is the first sector of that disk, loaded at 0x7C00 as from a disk.
    package static func image(of disk: Data) -> Data {
        var image = Data(count: (Place.code + 1) * sector)
        func put(_ bytes: [UInt8], _ place: Int, _ offset: Int = 0) {
            let start = place * sector + offset
            image.replaceSubrange(start..<start + bytes.count, with: bytes)
        }
        // Volume descriptors: type, «CD001», version (ECMA-119 §8.1).
        put([1] + Array("CD001".utf8) + [1], Place.primary)
        put([0] + Array("CD001".utf8) + [1] + Array("EL TORITO SPECIFICATION".utf8), Place.record)
        put([UInt8(Place.catalogue), 0, 0, 0], Place.record, 0x47)
        put([255] + Array("CD001".utf8) + [1], Place.end)
        // Validation entry: header 1, x86; the words of it sum up to 0; 55 AA at its end.
        var validation = [UInt8](repeating: 0, count: 32)
        (validation[0], validation[30], validation[31]) = (1, 0x55, 0xAA)
        let sum = stride(from: 0, to: 32, by: 2).reduce(UInt16(0)) {
            $0 &+ (UInt16(validation[$1]) | UInt16(validation[$1 + 1]) << 8)
        }
        let check: UInt16 = 0 &- sum
        (validation[28], validation[29]) = (UInt8(check & 0xFF), UInt8(check >> 8))
        put(validation, Place.catalogue)
        // Default entry: bootable, no emulation, the usual segment, four sectors of 512 bytes.
        put([0x88, 0, 0, 0, 0, 0, 4, 0, UInt8(Place.code), 0, 0, 0], Place.catalogue, 32)
        put(Array(disk.prefix(512)), Place.code)
        return image
    }
}
