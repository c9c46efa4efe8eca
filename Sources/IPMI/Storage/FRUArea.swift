/// How the inventory is laid out (Platform Management FRU Information Storage Definition 1.0).
enum FRUArea {
    private static let version: UInt8 = 0x01
    /// English (§15).
    private static let english: UInt8 = 0x19
    private static let noMoreFields: UInt8 = 0xC1
    /// A 19-inch server (SMBIOS, chassis types).
    private static let rackMount: UInt8 = 0x17
    /// The longest field: its length has six bits (§13).
    static let longestField = 63
    /// Of the product area: manufacturer, name, part, version, serial, asset tag, file.
    static let assetTagField = 5

    /// Header and areas of a machine, then zeros.
    static func image(of inventory: Inventory, size: Int) -> [UInt8] {
        let chassis = area([rackMount], [inventory.part, inventory.serial])
        let manufactured: [UInt8] = [0x00, 0x00, 0x00]  // Not told when.
        let board = area(
            [english] + manufactured,
            [inventory.manufacturer, inventory.product, inventory.serial, inventory.part, ""]
                + inventory.nics.map(line)
        )
        let product = area(
            [english],
            [
                inventory.manufacturer, inventory.product, inventory.part, "1", inventory.serial,
                inventory.assetTag, "",
            ] + [inventory.name, "\(inventory.processors) CPUs, \(inventory.memory) MiB"]
        )
        let header = sealed([
            version, 0x00, 0x01, UInt8(1 + chassis.count / 8), UInt8(1 + (chassis.count + board.count) / 8),
            0x00,
            0x00,
        ])
        let used = header + chassis + board + product
        return used + [UInt8](repeating: 0, count: max(0, size - used.count))
    }

    /// Such as `eth0 52:54:00:12:34:56`.
    private static func line(_ nic: Inventory.NIC) -> String {
        func hex(_ byte: UInt8) -> String { String(byte.hexText.dropFirst(2)) }
        return nic.name + " " + nic.address.map(hex).joined(separator: ":")
    }

    private static func area(_ head: [UInt8], _ fields: [String]) -> [UInt8] {
        area(head, fields.map { Array($0.utf8.prefix(longestField)) })
    }

    /// Version, length in eights, what is before the fields, the fields, zeros and a checksum (§10 to §12).
    private static func area(_ head: [UInt8], _ fields: [[UInt8]]) -> [UInt8] {
        var bytes: [UInt8] = [version, 0x00] + head
        for field in fields {
            // One byte of text would read as the end of the fields (§13): a space makes it two.
            let field = field.count == 1 ? field + [0x20] : field
            bytes += [0xC0 | UInt8(field.count)] + field
        }
        bytes.append(noMoreFields)
        while bytes.count % 8 != 7 { bytes.append(0x00) }
        bytes[1] = UInt8(truncatingIfNeeded: (bytes.count + 1) / 8)
        return sealed(bytes)
    }

    private static func sealed(_ bytes: [UInt8]) -> [UInt8] { bytes + [bytes[...].checksum] }

    // MARK: Reading what is there

    /// The product area as it stands in the inventory.
    struct Product {
        var offset: Int
        var length: Int
        var head: [UInt8]
        var fields: [[UInt8]]
    }

    /// Nil when the bytes do not make one.
    static func product(in bytes: [UInt8]) -> Product? {
        guard bytes.count >= 8, bytes[..<8].checksum == 0, bytes[4] != 0 else { return nil }
        let offset = Int(bytes[4]) * 8
        guard offset + 8 <= bytes.count else { return nil }
        let length = Int(bytes[offset + 1]) * 8
        guard length >= 8, offset + length <= bytes.count, bytes[offset..<offset + length].checksum == 0
        else {
            return nil
        }
        var fields: [[UInt8]] = []
        var reader = ByteReader(bytes[offset + 3..<offset + length - 1])
        while let kind = reader.byte(), kind != noMoreFields {
            guard let field = reader.bytes(Int(kind & 0x3F)) else { return nil }
            fields.append(Array(field))
        }
        return Product(offset: offset, length: length, head: [bytes[offset + 2]], fields: fields)
    }

    /// The inventory with that asset tag, if its product area is the last one and has room.
    static func settingAssetTag(_ tag: [UInt8], in bytes: [UInt8]) -> [UInt8]? {
        guard tag.count <= longestField, var product = product(in: bytes) else { return nil }
        while product.fields.count <= assetTagField { product.fields.append([]) }
        product.fields[assetTagField] = tag
        let area = area(product.head, product.fields)
        let end = product.offset + area.count
        let isLast = bytes[..<8].dropFirst().dropLast().allSatisfy { Int($0) * 8 <= product.offset }
        guard end <= bytes.count, isLast || area.count <= product.length else { return nil }
        var changed = bytes
        let rest = [UInt8](repeating: 0, count: max(0, product.length - area.count))
        changed.replaceSubrange(product.offset..<end + rest.count, with: area + rest)
        return changed
    }
}

extension Array {
    /// Nil beyond the end.
    subscript(safely index: Int) -> Element? { indices.contains(index) ? self[index] : nil }
}
