/// What the BMC keeps: the event log, the sensors' descriptions and the inventory (IPMI 2.0 §31, §33 and §34).
struct StorageDevice: Sendable {
    /// Seconds since 1970 at the moment that times count from.
    private var epoch: UInt32

    init(_ inventory: Inventory) { epoch = inventory.epoch }

    mutating func execute(_ command: StorageCommand, _ data: [UInt8], _ context: Context) -> Outcome {
        switch command {
        case .getSELTime: data.isEmpty ? .reply(.success, time(context.now)) : .reply(.wrongLength)
        }
    }

    private func time(_ now: Duration) -> [UInt8] {
        var bytes: [UInt8] = []
        bytes.append(littleEndian: epoch &+ UInt32(truncatingIfNeeded: now.components.seconds))
        return bytes
    }
}
