// What becomes of commands.
extension Misbehaving {
    /// The answer to a command that is not even looked at; nil lets it go its way.
    mutating func refusal(of command: Command, from client: Client) -> Outcome? {
        counts()
        guard let (index, completion) = updating else { return nil }
        switch command {
        case .app(.getDeviceID), .app(.setSessionPrivilegeLevel), .app(.closeSession): return nil
        case .app, .payload, .watchdog, .chassis, .sensor, .storage, .transport, .dcmi: break
        }
        bite(index, client)
        return .reply(completion)
    }

    private var updating: (index: Int, value: CompletionCode)? {
        find { misbehaviour -> CompletionCode? in
            guard case .updating(let completion) = misbehaviour else { return nil }
            return completion
        }
    }

    /// What a command comes to after all.
    mutating func twist(
        _ outcome: Outcome,
        of command: Command,
        isPowered: Bool,
        from client: Client
    ) -> Outcome {
        switch (command, outcome) {
        case (.app(.getDeviceID), .reply(.success, var data)) where updating != nil && data.count > 2:
            // «Device firmware or self-initialization update in progress» (IPMI 2.0 §20.1).
            data[2] |= 0x80
            return .reply(.success, data)
        case (.app(.getSelfTestResults), .reply(.success, _)):
            guard let index = find(.selfTestFailed) else { return outcome }
            bite(index, client)
            // Corrupted: the controller's operational firmware (IPMI 2.0 §20.4).
            return .reply(.success, [0x57, 0x01])
        case (.storage(.getSELInfo), _), (.storage(.addSELEntry), _):
            if let index = find(.eventLogFull) { bite(index, client) }
            return outcome
        case (.sensor(.getReading), _):
            if let index = find(.sensorAlarm) { bite(index, client) }
            return outcome
        case (.chassis(.control), .ask(.control(.powerUp))) where isPowered:
            guard let index = find(.onWhenOnFails) else { return outcome }
            bite(index, client)
            return .reply(.notInPresentState)
        case (_, .ask(let operation)):
            guard let heeded = heed(operation, client) else { return .done }
            return .ask(heeded)
        default: return outcome
        }
    }

    /// Whether that makes the difference now.
    mutating func fails(on misbehaviour: Misbehaviour) -> Bool {
        guard let index = find(misbehaviour) else { return false }
        bite(index)
        return true
    }

    /// What becomes of what the machine shall do; nil when it is forgotten, with a yes.
    mutating func heed(_ operation: Operation, _ client: Client? = nil) -> Operation? {
        switch operation {
        case .control(.softShutdown):
            guard let index = find(.softOffIgnored) else { return operation }
            bite(index, client)
            return nil
        case .control, .move: return operation
        case .boot(var flags):
            if let index = find(.bootDeviceIgnored) {
                bite(index, client)
                return nil
            }
            if !flags.isPersistent, flags.device != nil, let index = find(.bootSticks) {
                bite(index, client)
                flags.isPersistent = true
            }
            if flags.isPersistent, let index = find(.bootOnce) {
                bite(index, client)
                flags.isPersistent = false
            }
            return .boot(flags)
        }
    }
}
