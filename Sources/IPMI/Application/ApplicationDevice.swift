/// The BMC as a device: who it is and how it is talked to (IPMI 2.0 §20 and §22).
struct ApplicationDevice: Sendable {
    let guid: [UInt8]

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

    /// «Self test is not implemented» (IPMI 2.0 §20.4).
    private static let selfTest: [UInt8] = [0x56, 0x00]

    func execute(
        _ command: AppCommand,
        _ data: [UInt8],
        by session: UInt32?,
        in sessions: inout SessionTable
    ) -> Outcome {
        .of { () throws(CompletionFailure) in
            switch command {
            case .getDeviceID: try Self.fixed(Self.deviceID, data)
            case .getSelfTestResults: try Self.fixed(Self.selfTest, data)
            case .getSystemGUID: try Self.fixed(guid, data)
            case .getChannelAuthenticationCapabilities: try authenticationCapabilities(data, sessions)
            case .setSessionPrivilegeLevel: try setPrivilege(data, by: session, in: &sessions)
            case .closeSession: try close(data, by: session, in: sessions)
            case .getSessionInfo: try sessionInfo(data, by: session, in: sessions)
            case .getChannelAccess: try channelAccess(data)
            case .getChannelInfo: try channelInfo(data, sessions)
            case .getChannelCipherSuites: try cipherSuites(data, sessions.suites)
            }
        }
    }

    private static func fixed(_ answer: [UInt8], _ data: [UInt8]) throws(CompletionFailure) -> Outcome {
        guard data.isEmpty else { throw CompletionFailure(.wrongLength) }
        return .reply(.success, answer)
    }

    private func channel(_ byte: UInt8) throws(CompletionFailure) -> UInt8 {
        guard let channel = Channel.named(byte) else { throw CompletionFailure(.invalidField) }
        return channel
    }

    // MARK: Channel

    /// Get Channel Authentication Capabilities (IPMI 2.0 §22.13).
    private func authenticationCapabilities(
        _ data: [UInt8],
        _ sessions: SessionTable
    ) throws(CompletionFailure)
        -> Outcome
    {
        guard data.count == 2 else { throw CompletionFailure(.wrongLength) }
        guard PrivilegeLevel(rawValue: data[1] & 0x0F) != nil else { throw CompletionFailure(.invalidField) }
        let asksForVersion2 = data[0] & 0x80 != 0 && !sessions.isVersion15Only
        let named = sessions.accounts.contains { !$0.name.isEmpty }
        let unnamed = sessions.accounts.contains { $0.name.isEmpty && !$0.password.isEmpty }
        let anonymous = sessions.accounts.contains { $0.name.isEmpty && $0.password.isEmpty }
        let logins: UInt8 = (named ? 0x04 : 0) | (unnamed ? 0x02 : 0) | (anonymous ? 0x01 : 0)
        return .reply(
            .success,
            [
                try channel(data[0]),
                asksForVersion2 ? 0x80 : 0x00,  // No authentication type of v1.5 is on.
                logins,
                asksForVersion2 ? 0x02 : 0x00,  // Sessions of v2.0 only.
                0x00, 0x00, 0x00, 0x00,  // No vendor's type.
            ]
        )
    }

    /// Get Channel Cipher Suites, sixteen bytes of the list at a time (IPMI 2.0 §22.15).
    private func cipherSuites(_ data: [UInt8], _ suites: [CipherSuite]) throws(CompletionFailure) -> Outcome {
        guard data.count == 3 else { throw CompletionFailure(.wrongLength) }
        let channel = try channel(data[0])
        let listsSuites = data[2] & 0x80 != 0
        let list =
            listsSuites
            ? suites.flatMap(\.record)
            : Set(suites.map(\.authentication.rawValue)).sorted()
                + Set(suites.map { 0x40 | $0.integrity.rawValue }).sorted()
                + Set(suites.map { 0x80 | $0.confidentiality.rawValue }).sorted()
        return .reply(.success, [channel] + list.dropFirst(Int(data[2] & 0x3F) * 16).prefix(16))
    }

    /// Get Channel Access: always on, for everybody (IPMI 2.0 §22.23).
    private func channelAccess(_ data: [UInt8]) throws(CompletionFailure) -> Outcome {
        guard data.count == 2 else { throw CompletionFailure(.wrongLength) }
        _ = try channel(data[0])
        let (nonvolatile, volatile): (UInt8, UInt8) = (1, 2)
        guard [nonvolatile, volatile].contains(data[1] >> 6) else { throw CompletionFailure(.invalidField) }
        return .reply(.success, [0x20 | 0x02, PrivilegeLevel.administrator.rawValue])
    }

    /// Get Channel Info (IPMI 2.0 §22.24).
    private func channelInfo(_ data: [UInt8], _ sessions: SessionTable) throws(CompletionFailure) -> Outcome {
        guard data.count == 1 else { throw CompletionFailure(.wrongLength) }
        let multiSession: UInt8 = 0x80
        return .reply(
            .success,
            [
                try channel(data[0]), Channel.medium, Channel.messageFormat,
                multiSession | UInt8(sessions.sessions.count),
                0xF2, 0x1B, 0x00,  // IPMI's own enterprise number, 7154.
                0x00, 0x00,
            ]
        )
    }

    // MARK: Session

    private func setPrivilege(
        _ data: [UInt8],
        by id: UInt32?,
        in sessions: inout SessionTable
    )
        throws(CompletionFailure) -> Outcome
    {
        guard data.count == 1 else { throw CompletionFailure(.wrongLength) }
        guard let id, let session = sessions[id] else { throw CompletionFailure(.insufficientPrivilege) }
        let asksOnly: UInt8 = 0
        if data[0] & 0x0F == asksOnly { return .reply(.success, [session.privilege.rawValue]) }
        guard data[0] & 0xF0 == 0, let level = PrivilegeLevel(rawValue: data[0]), level != .callback else {
            // The vendor's own level is one that no user has here; the rest is reserved (IPMI 2.0 §22.18).
            throw CompletionFailure(data[0] == 0x05 ? .exceedsLimit : .invalidField)
        }
        guard level <= session.limit else { throw CompletionFailure(.exceedsLimit) }
        sessions[id]?.privilege = level
        return .reply(.success, [level.rawValue])
    }

    /// Close Session: one's own, or as administrator anybody's (IPMI 2.0 §22.19).
    private func close(
        _ data: [UInt8],
        by id: UInt32?,
        in sessions: SessionTable
    ) throws(CompletionFailure)
        -> Outcome
    {
        guard data.count == 4 || data.count == 5 else { throw CompletionFailure(.wrongLength) }
        guard let id, let closer = sessions[id] else { throw CompletionFailure(.insufficientPrivilege) }
        var reader = ByteReader(data[...])
        let named = reader.littleEndian32() ?? 0
        let target: UInt32
        if named == 0, let handle = reader.byte() {
            guard let session = sessions.inOrder.first(where: { $0.handle == handle }) else {
                throw CompletionFailure(.invalidSessionHandle)
            }
            target = session.id
        } else {
            guard data.count == 4, sessions[named] != nil else { throw CompletionFailure(.invalidSessionID) }
            target = named
        }
        guard target == id || closer.privilege >= .administrator else {
            throw CompletionFailure(.insufficientPrivilege)
        }
        return .close(target)
    }

    /// Get Session Info (IPMI 2.0 §22.20).
    private func sessionInfo(
        _ data: [UInt8],
        by id: UInt32?,
        in sessions: SessionTable
    ) throws(CompletionFailure)
        -> Outcome
    {
        guard let index = data.first else { throw CompletionFailure(.wrongLength) }
        var reader = ByteReader(data.dropFirst())
        let found: Session?
        switch index {
        case 0x00: found = id.flatMap { sessions[$0] }
        case 0xFE:
            guard let handle = reader.byte() else { throw CompletionFailure(.wrongLength) }
            found = sessions.inOrder.first { $0.handle == handle }
        case 0xFF:
            guard let id = reader.littleEndian32() else { throw CompletionFailure(.wrongLength) }
            found = sessions[id]
        default:
            let all = sessions.inOrder
            found = Int(index) <= all.count ? all[Int(index) - 1] : nil
        }
        guard reader.rest.isEmpty else { throw CompletionFailure(.wrongLength) }
        let counts = [UInt8(sessions.limits.sessions), UInt8(sessions.sessions.count)]
        guard let found else { return .reply(.success, [0x00] + counts) }
        let version2: UInt8 = 0x10
        var answer = [found.handle] + counts
        // User 1 is the one without a name, kept free (IPMI 2.0 §22.28).
        answer += [UInt8(found.account + 2), found.privilege.rawValue, version2 | Channel.number]
        answer += found.client.octets + [0, 0, 0, 0, 0, 0]  // Its MAC address is not known here.
        answer.append(littleEndian: found.client.port)
        return .reply(.success, answer)
    }
}
