/// What sessions carry besides messages: serial over LAN, to several consoles at once (IPMI 2.0 §15 and §24).
struct PayloadDevice: Sendable {
    /// The active ones, by instance number; those whose session has ended are dropped by `prune`.
    private(set) var instances: [UInt8: SOLInstance] = [:]
    /// Instances that were ended by somebody else than their own console, which is to be told.
    private var ended: [SOLInstance] = []
    /// Users who may not use SOL.
    private var excluded: Set<UInt8> = []
    private var activations: UInt64 = 0

    /// How many consoles may be active at once.
    static let capacity: UInt8 = 4
    /// Serial over LAN (IPMI 2.0 §13.27.3).
    private static let sol: UInt8 = 0x01
    /// The format of SOL's payload, 1.0.
    private static let solVersion: UInt8 = 0x10

    mutating func execute(
        _ command: PayloadCommand,
        _ data: [UInt8],
        _ settings: SOLSettings,
        _ context: Context
    ) -> Outcome {
        guard let session = context.sessions[context.session] else { return .reply(.insufficientPrivilege) }
        prune(context.isOpen)
        return .of { () throws(CompletionFailure) in
            switch command {
            case .activate: try activate(data, by: session, settings)
            case .deactivate: try deactivate(data, by: session, settings)
            case .getActivationStatus: try activationStatus(data)
            case .getInstanceInfo: try instanceInfo(data)
            case .setUserAccess: try setUserAccess(data)
            case .getUserAccess: try userAccess(data)
            case .getChannelSupport: try channelSupport(data)
            case .getChannelVersion: try channelVersion(data)
            case .controlEncryption: try controlEncryption(data, by: session, settings)
            }
        }
    }

    subscript(_ instance: UInt8) -> SOLInstance? {
        get { instances[instance] }
        _modify { yield &instances[instance] }
    }

    func instance(of session: UInt32) -> UInt8? { instances.first { $0.value.session == session }?.key }

    /// Forgets the consoles whose sessions have ended.
    mutating func prune(_ isOpen: (UInt32) -> Bool) {
        for (number, instance) in instances where !isOpen(instance.session) { instances[number] = nil }
    }

    /// Whether another session has a console.
    func isTaken(besides session: UInt32) -> Bool { instances.values.contains { $0.session != session } }

    /// Takes a console away, which is to be told.
    mutating func end(_ number: UInt8) {
        if let instance = instances.removeValue(forKey: number) { ended.append(instance) }
    }

    /// Those that were ended since this was asked last.
    mutating func takeEnded() -> [SOLInstance] {
        defer { ended = [] }
        return ended
    }

    /// All consoles are gone without a word, as when the BMC restarts.
    mutating func restart() { (instances, ended) = ([:], []) }

    // MARK: Commands

    /// The instance number of a payload of SOL.
    private func instance(_ type: UInt8, _ number: UInt8) throws(CompletionFailure) -> UInt8 {
        guard type & 0x3F == Self.sol else { throw CompletionFailure(.invalidField) }
        guard (1...Self.capacity).contains(number & 0x0F) else { throw CompletionFailure(.invalidField) }
        return number & 0x0F
    }

    /// Activate Payload (IPMI 2.0 §24.1).
    private mutating func activate(
        _ data: [UInt8],
        by session: Session,
        _ settings: SOLSettings
    ) throws(CompletionFailure) -> Outcome {
        guard data.count == 6 else { throw CompletionFailure(.wrongLength) }
        let number = try instance(data[0], data[1])
        guard settings.isEnabled, settings.hasPort else { throw CompletionFailure(.payloadDisabled) }
        guard session.privilege >= settings.privilege, !excluded.contains(session.userID) else {
            throw CompletionFailure(.insufficientPrivilege)
        }
        // Bit 1, CTS deasserted at first, holds back no guest that does without hardware handshake, as consoles do;
        // ipmitool sets it and expects output at once.
        let encrypts = data[2] & 0x80 != 0
        guard let suite = session.suite else { throw CompletionFailure(.notInPresentState) }
        if encrypts, suite.confidentiality == .none { throw CompletionFailure(.cannotEncrypt) }
        if !encrypts, settings.forcesEncryption { throw CompletionFailure(.mustEncrypt) }
        if settings.forcesAuthentication, suite.integrity == .none {
            throw CompletionFailure(.insufficientPrivilege)
        }
        if let active = instances[number], active.session != session.id {
            throw CompletionFailure(.payloadActive)
        }
        // A session's packets do not say which instance they are for, so it can have one.
        if let own = instance(of: session.id), own != number { throw CompletionFailure(.payloadLimit) }
        activations += 1
        instances[number] = SOLInstance(
            ConsoleWatcher(
                instance: number,
                activation: activations,
                history: Int(settings.historyLines)
            ),
            session: session.id,
            encrypts: encrypts
        )
        var answer: [UInt8] = [0, 0, 0, 0]  // No test mode.
        answer.append(littleEndian: UInt16(SOLInstance.payloadLength))
        answer.append(littleEndian: UInt16(SOLInstance.payloadLength))
        // The packets go where the session's go, without a VLAN of their own.
        answer.append(littleEndian: settings.port)
        return .reply(.success, answer + [0xFF, 0xFF])
    }

    /// Deactivate Payload: one's own or another's (IPMI 2.0 §24.2).
    private mutating func deactivate(
        _ data: [UInt8],
        by session: Session,
        _ settings: SOLSettings
    ) throws(CompletionFailure) -> Outcome {
        guard data.count == 6 else { throw CompletionFailure(.wrongLength) }
        let number = try instance(data[0], data[1])
        guard session.privilege >= settings.privilege else { throw CompletionFailure(.insufficientPrivilege) }
        guard let active = instances.removeValue(forKey: number) else {
            throw CompletionFailure(.payloadInactive)
        }
        if active.session != session.id { ended.append(active) }
        return .done
    }

    /// Get Payload Activation Status (IPMI 2.0 §24.4).
    private func activationStatus(_ data: [UInt8]) throws(CompletionFailure) -> Outcome {
        guard data.count == 1 else { throw CompletionFailure(.wrongLength) }
        guard data[0] & 0x3F == Self.sol else { throw CompletionFailure(.invalidField) }
        let active = instances.keys.reduce(UInt8(0)) { $0 | 1 << ($1 - 1) }
        return .reply(.success, [Self.capacity, active, 0x00])
    }

    /// Get Payload Instance Info (IPMI 2.0 §24.5).
    private func instanceInfo(_ data: [UInt8]) throws(CompletionFailure) -> Outcome {
        guard data.count == 2 else { throw CompletionFailure(.wrongLength) }
        let number = try instance(data[0], data[1])
        var answer: [UInt8] = []
        answer.append(littleEndian: instances[number]?.session ?? 0)
        // The machine's first serial port.
        return .reply(.success, answer + [0x01, 0, 0, 0, 0, 0, 0, 0])
    }

    /// Set User Payload Access (IPMI 2.0 §24.6).
    private mutating func setUserAccess(_ data: [UInt8]) throws(CompletionFailure) -> Outcome {
        guard data.count == 6 else { throw CompletionFailure(.wrongLength) }
        let user = try user(data)
        let solBit: UInt8 = 0x02
        // No other payload of the standard's, and no vendor's.
        guard data[2] & ~solBit == 0, data[3...].allSatisfy({ $0 == 0 }) else {
            throw CompletionFailure(.invalidField)
        }
        switch data[1] >> 6 {
        case 0b00: if data[2] & solBit != 0 { excluded.remove(user) }
        case 0b01: if data[2] & solBit != 0 { excluded.insert(user) }
        default: throw CompletionFailure(.invalidField)
        }
        return .done
    }

    /// Get User Payload Access (IPMI 2.0 §24.7).
    private func userAccess(_ data: [UInt8]) throws(CompletionFailure) -> Outcome {
        guard data.count == 2 else { throw CompletionFailure(.wrongLength) }
        return .reply(.success, [excluded.contains(try user(data)) ? 0x00 : 0x02, 0, 0, 0])
    }

    private func user(_ data: [UInt8]) throws(CompletionFailure) -> UInt8 {
        guard Channel.named(data[0]) != nil, data[1] & 0x3F != 0 else {
            throw CompletionFailure(.invalidField)
        }
        return data[1] & 0x3F
    }

    /// Get Channel Payload Support (IPMI 2.0 §24.8).
    private func channelSupport(_ data: [UInt8]) throws(CompletionFailure) -> Outcome {
        guard data.count == 1 else { throw CompletionFailure(.wrongLength) }
        guard Channel.named(data[0]) != nil else { throw CompletionFailure(.invalidField) }
        // IPMI messages and SOL; the six of RMCP+ session set-up; no vendor's.
        return .reply(.success, [0x03, 0x00, 0x3F, 0x00, 0x00, 0x00, 0x00, 0x00])
    }

    /// Get Channel Payload Version (IPMI 2.0 §24.9).
    private func channelVersion(_ data: [UInt8]) throws(CompletionFailure) -> Outcome {
        guard data.count == 2 else { throw CompletionFailure(.wrongLength) }
        guard Channel.named(data[0]) != nil else { throw CompletionFailure(.invalidField) }
        switch data[1] & 0x3F {
        case 0x00, Self.sol, 0x10...0x15: return .reply(.success, [Self.solVersion])
        default: throw CompletionFailure(.payloadNotAvailable)
        }
    }

    /// Suspend/Resume Payload Encryption (IPMI 2.0 §24.3).
    private mutating func controlEncryption(
        _ data: [UInt8],
        by session: Session,
        _ settings: SOLSettings
    ) throws(CompletionFailure) -> Outcome {
        guard data.count == 3 else { throw CompletionFailure(.wrongLength) }
        // Messages are always as the session's cipher suite says.
        if data[0] & 0x3F == 0 { throw CompletionFailure(.encryptionNotSupported) }
        let number = try instance(data[0], data[1])
        guard let active = instances[number], active.session == session.id else {
            throw CompletionFailure(.encryptionOfInactive)
        }
        guard let suite = session.suite, suite.confidentiality != .none else {
            throw CompletionFailure(.encryptionUnavailable)
        }
        switch data[2] & 0x1F {
        case 0x00:
            if settings.forcesEncryption { throw CompletionFailure(.encryptionNotAllowed) }
            instances[number]?.encrypts = false
        case 0x01: instances[number]?.encrypts = true
        // Initialization vectors of AES are new with each packet.
        case 0x02: throw CompletionFailure(.encryptionNotSupported)
        default: throw CompletionFailure(.invalidField)
        }
        return .done
    }
}
