/// The inventory of the machine: FRU device 0 (IPMI 2.0 §34; Platform Management FRU Information Storage 1.0).
///
/// Made from what the BMC is told, as long as nobody has written to it.
struct FRUDevice: Sendable {
    private let inventory: Inventory
    /// The whole area, once somebody has written to it.
    private var written: [UInt8]?

    static let size = 1024
    private static let number: UInt8 = 0x00

    init(_ inventory: Inventory) { self.inventory = inventory }

    /// The whole area.
    var bytes: [UInt8] { written ?? FRUArea.image(of: inventory, size: Self.size) }

    private func expect(_ data: [UInt8], atLeast count: Int) throws(CompletionFailure) {
        guard data.count >= count else { throw CompletionFailure(.wrongLength) }
        guard data[0] == Self.number else { throw CompletionFailure(.notPresent) }
    }

    /// Get FRU Inventory Area Info: accessed by bytes (IPMI 2.0 §34.1).
    func areaInfo(_ data: [UInt8]) throws(CompletionFailure) -> [UInt8] {
        guard data.count == 1 else { throw CompletionFailure(.wrongLength) }
        try expect(data, atLeast: 1)
        return UInt16(Self.size).littleEndianBytes + [0x00]
    }

    /// Read FRU Data (IPMI 2.0 §34.2).
    func read(_ data: [UInt8]) throws(CompletionFailure) -> [UInt8] {
        guard data.count == 4 else { throw CompletionFailure(.wrongLength) }
        try expect(data, atLeast: 4)
        let (offset, count) = (Int(data[1]) | Int(data[2]) << 8, Int(data[3]))
        guard offset < Self.size else { throw CompletionFailure(.outOfRange) }
        let part = bytes[offset..<min(Self.size, offset + count)]
        return [UInt8(part.count)] + part
    }

    /// Write FRU Data (IPMI 2.0 §34.3).
    mutating func write(_ data: [UInt8]) throws(CompletionFailure) -> [UInt8] {
        try expect(data, atLeast: 3)
        let (offset, new) = (Int(data[1]) | Int(data[2]) << 8, data.dropFirst(3))
        guard offset + new.count <= Self.size else { throw CompletionFailure(.outOfRange) }
        guard !new.isEmpty else { return [0x00] }
        var area = bytes
        area.replaceSubrange(offset..<offset + new.count, with: new)
        written = area
        return [UInt8(truncatingIfNeeded: new.count)]
    }

    // MARK: The asset tag

    /// What the product area says; nil when there is none that can be read.
    var assetTag: [UInt8]? { FRUArea.product(in: bytes)?.fields[safely: FRUArea.assetTagField] }

    /// False when it does not fit.
    mutating func setAssetTag(_ tag: [UInt8]) -> Bool {
        guard let area = FRUArea.settingAssetTag(tag, in: bytes) else { return false }
        written = area
        return true
    }
}
