/// The commands of network function Sensor/Event (IPMI 2.0 §29, §30 and §35, Appendix G).
package enum SensorCommand: UInt8, Sendable, CaseIterable {
    case setEventReceiver = 0x00
    case getEventReceiver = 0x01
    case platformEvent = 0x02
    case getPEFCapabilities = 0x10
    case armPEFPostponeTimer = 0x11
    case setPEFConfiguration = 0x12
    case getPEFConfiguration = 0x13
    case setLastProcessedEvent = 0x14
    case getLastProcessedEvent = 0x15
    case getDeviceSDRInfo = 0x20
    case getDeviceSDR = 0x21
    case reserveDeviceSDRRepository = 0x22
    case getReadingFactors = 0x23
    case setHysteresis = 0x24
    case getHysteresis = 0x25
    case setThresholds = 0x26
    case getThresholds = 0x27
    case setEventEnable = 0x28
    case getEventEnable = 0x29
    case rearmEvents = 0x2A
    case getEventStatus = 0x2B
    case getReading = 0x2D
    case getType = 0x2F
    case setReading = 0x30

    static let function: UInt8 = 0x04

    /// As the standard calls it.
    var name: String {
        switch self {
        case .setEventReceiver: "Set Event Receiver"
        case .getEventReceiver: "Get Event Receiver"
        case .platformEvent: "Platform Event"
        case .getPEFCapabilities: "Get PEF Capabilities"
        case .armPEFPostponeTimer: "Arm PEF Postpone Timer"
        case .setPEFConfiguration: "Set PEF Configuration Parameters"
        case .getPEFConfiguration: "Get PEF Configuration Parameters"
        case .setLastProcessedEvent: "Set Last Processed Event ID"
        case .getLastProcessedEvent: "Get Last Processed Event ID"
        case .getDeviceSDRInfo: "Get Device SDR Info"
        case .getDeviceSDR: "Get Device SDR"
        case .reserveDeviceSDRRepository: "Reserve Device SDR Repository"
        case .getReadingFactors: "Get Sensor Reading Factors"
        case .setHysteresis: "Set Sensor Hysteresis"
        case .getHysteresis: "Get Sensor Hysteresis"
        case .setThresholds: "Set Sensor Threshold"
        case .getThresholds: "Get Sensor Threshold"
        case .setEventEnable: "Set Sensor Event Enable"
        case .getEventEnable: "Get Sensor Event Enable"
        case .rearmEvents: "Re-arm Sensor Events"
        case .getEventStatus: "Get Sensor Event Status"
        case .getReading: "Get Sensor Reading"
        case .getType: "Get Sensor Type"
        case .setReading: "Set Sensor Reading And Event Status"
        }
    }

    /// The level that it takes.
    var privilege: PrivilegeLevel {
        switch self {
        case .getEventReceiver, .getPEFCapabilities, .getDeviceSDRInfo, .getDeviceSDR,
            .reserveDeviceSDRRepository, .getReadingFactors, .getHysteresis, .getThresholds, .getEventEnable,
            .getEventStatus, .getReading, .getType:
            .user
        case .platformEvent, .getPEFConfiguration, .setHysteresis, .setThresholds, .setEventEnable,
            .rearmEvents, .setReading:
            .operator
        case .setEventReceiver, .armPEFPostponeTimer, .setPEFConfiguration, .setLastProcessedEvent,
            .getLastProcessedEvent:
            .administrator
        }
    }

    /// Whether doing it twice differs from doing it once.
    var hasEffect: Bool {
        switch self {
        case .setEventReceiver, .platformEvent, .armPEFPostponeTimer, .setPEFConfiguration,
            .setLastProcessedEvent, .reserveDeviceSDRRepository, .setHysteresis, .setThresholds,
            .setEventEnable, .rearmEvents, .setReading:
            true
        case .getEventReceiver, .getPEFCapabilities, .getPEFConfiguration, .getLastProcessedEvent,
            .getDeviceSDRInfo, .getDeviceSDR, .getReadingFactors, .getHysteresis, .getThresholds,
            .getEventEnable, .getEventStatus, .getReading, .getType:
            false
        }
    }
}
