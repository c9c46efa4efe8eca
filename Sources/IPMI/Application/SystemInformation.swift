/// What software on the machine and people tell each other through the BMC (IPMI 2.0 §22.14a and §22.14b).
struct SystemInformation: Sendable {
    /// Strings that may be read and written.
    private enum Text: UInt8, CaseIterable {
        case firmwareVersion = 1
        case systemName = 2
        case primaryOperatingSystem = 3
        case operatingSystem = 4
        case operatingSystemVersion = 5
        case address = 6
        case hypervisorAddress = 7
    }

    private static let setInProgress: UInt8 = 0
    private static let revision: UInt8 = 0x11
    private static let block = 16
    /// Blocks of a string: 62 bytes, and two that say encoding and length.
    private static let blocks = 4

    private var inProgress: UInt8 = 0
    private var texts: [Text: [UInt8]] = [:]

    /// Set System Info Parameters.
    mutating func set(_ data: [UInt8]) throws(CompletionFailure) -> Outcome {
        guard let parameter = data.first else { throw CompletionFailure(.wrongLength) }
        if parameter == Self.setInProgress {
            guard data.count == 2 else { throw CompletionFailure(.wrongLength) }
            // «Commit write» is for a BMC that can roll back; writes take effect at once here.
            guard data[1] <= 1 else { throw CompletionFailure(.invalidField) }
            guard inProgress == 0 || data[1] == 0 else { throw CompletionFailure(.setInProgress) }
            inProgress = data[1]
            return .done
        }
        guard let text = Text(rawValue: parameter) else { throw CompletionFailure(.parameterNotSupported) }
        guard (3...2 + Self.block).contains(data.count) else { throw CompletionFailure(.wrongLength) }
        guard data[1] < Self.blocks else { throw CompletionFailure(.outOfRange) }
        let start = Int(data[1]) * Self.block
        var value = texts[text] ?? [UInt8](repeating: 0, count: Self.blocks * Self.block)
        value.replaceSubrange(start..<start + data.count - 2, with: data[2...])
        texts[text] = value
        return .done
    }

    /// Get System Info Parameters.
    func get(_ data: [UInt8]) throws(CompletionFailure) -> Outcome {
        guard data.count == 4 else { throw CompletionFailure(.wrongLength) }
        let asksForRevision = data[0] & 0x80 != 0
        let text = Text(rawValue: data[1])
        guard text != nil || data[1] == Self.setInProgress else {
            throw CompletionFailure(.parameterNotSupported)
        }
        if asksForRevision { return .reply(.success, [Self.revision]) }
        guard let text else { return .reply(.success, [Self.revision, inProgress]) }
        guard data[2] < Self.blocks else { throw CompletionFailure(.outOfRange) }
        let start = Int(data[2]) * Self.block
        let value = texts[text] ?? [UInt8](repeating: 0, count: Self.blocks * Self.block)
        return .reply(.success, [Self.revision, data[2]] + value[start..<start + Self.block])
    }
}
