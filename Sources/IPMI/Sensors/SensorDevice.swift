/// The sensors, and what happens when they cross a threshold (IPMI 2.0 §29, §30 and §35).
struct SensorDevice: Sendable {
    mutating func execute(_ command: SensorCommand, _ data: [UInt8], _ context: Context) -> Outcome {
        switch command {
        // The BMC itself, LUN 0.
        case .getEventReceiver:
            data.isEmpty ? .reply(.success, [Request.bmcAddress, 0x00]) : .reply(.wrongLength)
        }
    }
}
