/// The BMC as a device: who it is and how it is talked to (IPMI 2.0 §20 and §22).
struct ApplicationDevice: Sendable {
    let guid: [UInt8]
    private let identity: DeviceIdentity

    /// Chassis, event receiver, FRU inventory, SEL, SDR repository and sensors (IPMI 2.0 §20.1, byte 7).
    static let deviceSupport: UInt8 = 0x9F

    /// Get Device ID (IPMI 2.0 §20.1).
    private static let deviceID: [UInt8] = [
        0x20, 0x81,  // Device 20h, revision 1, which has sensor records.
        0x01, 0x00,  // Firmware 1.00, working normally.
        0x02,  // IPMI 2.0.
        deviceSupport,
        0x00, 0x00, 0x00,  // No manufacturer.
        0x00, 0x00,  // No product.
    ]

    /// «No error»: all self tests passed (IPMI 2.0 §20.4).
    private static let selfTest: [UInt8] = [0x55, 0x00]

    private var system = SystemInformation()
    /// What the machine's software has said that it is in, true as long as the machine is on.
    private var acpi: [UInt8] = [0x00, 0x00]

    init(guid: [UInt8], identity: DeviceIdentity) { (self.guid, self.identity) = (guid, identity) }

    mutating func execute(
        _ command: AppCommand,
        _ data: [UInt8],
        by session: UInt32?,
        in sessions: inout SessionTable,
        machine: MachineState
    ) -> Outcome {
        .of { () throws(CompletionFailure) in
            switch command {
            case .getDeviceID: try Self.fixed(identity.sign(Self.deviceID), data)
            case .getSelfTestResults: try Self.fixed(Self.selfTest, data)
            case .setACPIPowerState: try setACPIPowerState(data)
            case .getACPIPowerState: try Self.fixed(machine.isPowered ? acpi : Self.softOff, data)
            case .getDeviceGUID, .getSystemGUID: try Self.fixed(guid, data)
            case .getGlobalEnables: try Self.fixed([Self.logsEvents], data)
            case .coldReset: try Self.restart(.cold, data)
            case .warmReset: try Self.restart(.warm, data)
            case .getChannelAuthenticationCapabilities: try authenticationCapabilities(data, sessions)
            case .getSessionChallenge, .activateSession:
                // They come before a session: `BMC` answers them there.
                throw CompletionFailure(.notInPresentState)
            case .setSessionPrivilegeLevel: try setPrivilege(data, by: session, in: &sessions)
            case .closeSession: try close(data, by: session, in: sessions)
            case .getSessionInfo: try sessionInfo(data, by: session, in: sessions)
            case .setChannelAccess: try setChannelAccess(data, &sessions)
            case .getChannelAccess: try channelAccess(data, sessions)
            case .getChannelInfo: try channelInfo(data, sessions)
            case .setUserAccess: try setUserAccess(data, &sessions)
            case .getUserAccess: try userAccess(data, sessions.users)
            case .setUserName: try setUserName(data, &sessions)
            case .getUserName: try userName(data, sessions.users)
            case .setUserPassword: try setUserPassword(data, &sessions)
            case .getChannelCipherSuites: try cipherSuites(data, sessions.suites)
            case .setChannelSecurityKeys: try setSecurityKeys(data, &sessions)
            case .setSystemInfo: try system.set(data)
            case .getSystemInfo: try system.get(data)
            }
        }
    }

    private static func fixed(_ answer: [UInt8], _ data: [UInt8]) throws(CompletionFailure) -> Outcome {
        guard data.isEmpty else { throw CompletionFailure(.wrongLength) }
        return .reply(.success, answer)
    }

    private static func restart(_ kind: Restart, _ data: [UInt8]) throws(CompletionFailure) -> Outcome {
        guard data.isEmpty else { throw CompletionFailure(.wrongLength) }
        return .restart(kind)
    }

    func channel(_ byte: UInt8) throws(CompletionFailure) -> UInt8 {
        guard let channel = Channel.named(byte) else { throw CompletionFailure(.invalidField) }
        return channel
    }

    /// Bit 3 of the global enables: events are logged; the rest is about the system interface (IPMI 2.0 §22.2).
    private static let logsEvents: UInt8 = 0x08

    /// S5, soft off; device state D0, for the BMC itself is on (IPMI 2.0 §20.7).
    private static let softOff: [UInt8] = [0x05, 0x00]

    /// Set ACPI Power State: system, then device, each with a bit that says whether it counts (IPMI 2.0 §20.6).
    private mutating func setACPIPowerState(_ data: [UInt8]) throws(CompletionFailure) -> Outcome {
        guard data.count == 2 else { throw CompletionFailure(.wrongLength) }
        let highest: [UInt8] = [0x2A, 0x2A]
        var new = acpi
        for index in 0..<2 where data[index] & 0x80 != 0 {
            let state = data[index] & 0x7F
            let noChange: UInt8 = 0x7F
            guard state <= highest[index] || state == noChange else { throw CompletionFailure(.invalidField) }
            if state != noChange { new[index] = state }
        }
        acpi = new
        return .done
    }
}
