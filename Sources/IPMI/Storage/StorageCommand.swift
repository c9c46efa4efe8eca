/// The commands of network function Storage (IPMI 2.0 §31, §33 and §34, Appendix G).
package enum StorageCommand: UInt8, Sendable, CaseIterable {
    case getFRUInventoryAreaInfo = 0x10
    case readFRUData = 0x11
    case writeFRUData = 0x12
    case getSDRRepositoryInfo = 0x20
    case getSDRRepositoryAllocationInfo = 0x21
    case reserveSDRRepository = 0x22
    case getSDR = 0x23
    case getSDRRepositoryTime = 0x28
    case getSELInfo = 0x40
    case getSELAllocationInfo = 0x41
    case reserveSEL = 0x42
    case getSELEntry = 0x43
    case addSELEntry = 0x44
    case deleteSELEntry = 0x46
    case clearSEL = 0x47
    case getSELTime = 0x48
    case setSELTime = 0x49
    case getSELTimeUTCOffset = 0x5C
    case setSELTimeUTCOffset = 0x5D

    static let function: UInt8 = 0x0A

    /// As the standard calls it.
    var name: String {
        switch self {
        case .getFRUInventoryAreaInfo: "Get FRU Inventory Area Info"
        case .readFRUData: "Read FRU Data"
        case .writeFRUData: "Write FRU Data"
        case .getSDRRepositoryInfo: "Get SDR Repository Info"
        case .getSDRRepositoryAllocationInfo: "Get SDR Repository Allocation Info"
        case .reserveSDRRepository: "Reserve SDR Repository"
        case .getSDR: "Get SDR"
        case .getSDRRepositoryTime: "Get SDR Repository Time"
        case .getSELInfo: "Get SEL Info"
        case .getSELAllocationInfo: "Get SEL Allocation Info"
        case .reserveSEL: "Reserve SEL"
        case .getSELEntry: "Get SEL Entry"
        case .addSELEntry: "Add SEL Entry"
        case .deleteSELEntry: "Delete SEL Entry"
        case .clearSEL: "Clear SEL"
        case .getSELTime: "Get SEL Time"
        case .setSELTime: "Set SEL Time"
        case .getSELTimeUTCOffset: "Get SEL Time UTC Offset"
        case .setSELTimeUTCOffset: "Set SEL Time UTC Offset"
        }
    }

    /// The level that it takes.
    var privilege: PrivilegeLevel {
        hasEffect && self != .reserveSEL && self != .reserveSDRRepository ? .operator : .user
    }

    /// Whether doing it twice differs from doing it once.
    var hasEffect: Bool {
        switch self {
        case .writeFRUData, .reserveSDRRepository, .reserveSEL, .addSELEntry, .deleteSELEntry, .clearSEL,
            .setSELTime, .setSELTimeUTCOffset:
            true
        case .getFRUInventoryAreaInfo, .readFRUData, .getSDRRepositoryInfo, .getSDRRepositoryAllocationInfo,
            .getSDR, .getSDRRepositoryTime, .getSELInfo, .getSELAllocationInfo, .getSELEntry, .getSELTime,
            .getSELTimeUTCOffset:
            false
        }
    }
}
