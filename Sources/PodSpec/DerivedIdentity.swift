import LabModel

/// What a pod's files lack and yet must be the same in every run: MACs, UUIDs and serial numbers, from the names.
struct DerivedIdentity {
    var pod: String
    var node: String

    /// A MAC of QEMU's locally administered block, 52:54:00.
    func mac(of nic: String, avoiding taken: Set<MACAddress>) -> MACAddress? {
        // As many tries as make a pod of any size find a free one.
        for attempt in 0..<1_000 {
            let bits = hash("nic", nic, attempt == 0 ? "" : "\(attempt)")
            let octets: [UInt8] =
                [0x52, 0x54, 0] + [16, 8, 0].map { UInt8(truncatingIfNeeded: bits >> UInt64($0)) }
            if let mac = MACAddress(octets: octets), !taken.contains(mac) { return mac }
        }
        return nil
    }

    /// A UUID of version 8: one's own scheme (RFC 9562 §5.8).
    var uuid: String {
        let high = hash("uuid", "high") & ~0xF000 | 0x8000
        let low = hash("uuid", "low") & ~(3 << 62) | 2 << 62
        let digits = Array([high, low].map(Self.hex).joined())
        return [0..<8, 8..<12, 12..<16, 16..<20, 20..<32].map { String(digits[$0]) }.joined(separator: "-")
    }

    var serial: String { "VL" + Self.hex(hash("serial")).prefix(10).uppercased() }

    private static func hex(_ bits: UInt64) -> String {
        let text = String(bits, radix: 16)
        return String(repeating: "0", count: 16 - text.count) + text
    }

    /// FNV-1a over the names, each with its length so that no two lists read alike, then mixed so that every bit
    /// depends on every letter.
    private func hash(_ parts: String...) -> UInt64 {
        var state: UInt64 = 0xCBF2_9CE4_8422_2325
        for part in [pod, node] + parts {
            for byte in Array("\(part.utf8.count):".utf8) + Array(part.utf8) {
                state = (state ^ UInt64(byte)) &* 0x100_0000_01B3
            }
        }
        state = (state ^ state >> 30) &* 0xBF58_476D_1CE4_E5B9
        state = (state ^ state >> 27) &* 0x94D0_49BB_1331_11EB
        return state ^ state >> 31
    }
}
