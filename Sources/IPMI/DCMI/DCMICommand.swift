/// The commands of the Data Center Manageability Interface, a group of network function Group Extension
/// (DCMI 1.5 §6, Table 8-1).
package enum DCMICommand: UInt8, Sendable, CaseIterable {
    case getCapabilities = 0x01
    case getPowerReading = 0x02
    case getPowerLimit = 0x03
    case setPowerLimit = 0x04
    case activatePowerLimit = 0x05
    case getAssetTag = 0x06
    case getSensorInfo = 0x07
    case setAssetTag = 0x08
    case getControllerID = 0x09
    case setControllerID = 0x0A
    case getTemperatureReadings = 0x10
    case setConfiguration = 0x12
    case getConfiguration = 0x13

    static let function: UInt8 = 0x2C

    /// As the standard calls it.
    var name: String {
        switch self {
        case .getCapabilities: "Get DCMI Capabilities Info"
        case .getPowerReading: "Get Power Reading"
        case .getPowerLimit: "Get Power Limit"
        case .setPowerLimit: "Set Power Limit"
        case .activatePowerLimit: "Activate/Deactivate Power Limit"
        case .getAssetTag: "Get Asset Tag"
        case .getSensorInfo: "Get DCMI Sensor Info"
        case .setAssetTag: "Set Asset Tag"
        case .getControllerID: "Get Management Controller Identifier String"
        case .setControllerID: "Set Management Controller Identifier String"
        case .getTemperatureReadings: "Get Temperature Readings"
        case .setConfiguration: "Set DCMI Configuration Parameters"
        case .getConfiguration: "Get DCMI Configuration Parameters"
        }
    }

    /// The level that it takes; nil when it may be sent before log-in.
    var privilege: PrivilegeLevel? {
        switch self {
        case .getCapabilities: nil
        case .getPowerReading, .getPowerLimit, .getAssetTag, .getSensorInfo, .getControllerID,
            .getTemperatureReadings, .getConfiguration:
            .user
        case .setPowerLimit, .activatePowerLimit, .setAssetTag: .operator
        case .setControllerID, .setConfiguration: .administrator
        }
    }

    /// Whether doing it twice differs from doing it once.
    var hasEffect: Bool {
        switch self {
        case .setPowerLimit, .activatePowerLimit, .setAssetTag, .setControllerID, .setConfiguration: true
        case .getCapabilities, .getPowerReading, .getPowerLimit, .getAssetTag, .getSensorInfo,
            .getControllerID, .getTemperatureReadings, .getConfiguration:
            false
        }
    }
}
