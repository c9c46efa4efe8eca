/// The chassis as the BMC sees it: what it was told to do, and what it remembers (IPMI 2.0 §28).
struct ChassisDevice: Sendable {
    var boot = BootOptions()
    private(set) var identification = Identification.off
    var policy = PowerRestorePolicy.staysOff
    var power = PowerRecord()
    /// How long a power cycle leaves the machine off.
    private(set) var cycleInterval: Duration = .zero
    /// The addresses of the FRU, SDR, SEL, system management and bridge devices: the BMC is all of them.
    private var addresses: [UInt8] = [0x20, 0x20, 0x20, 0x20, 0x20]
    private(set) var restartCause = RestartCause.unknown
    private var wasPoweredByCommand = false
    /// Something that the BMC did has set a boot going that was not seen yet.
    private var awaitedBoot: RestartCause?

    /// How long the light is on when nobody says (IPMI 2.0 §28.5).
    private static let identifyTime: UInt8 = 15

    mutating func execute(_ command: ChassisCommand, _ data: [UInt8], _ context: Context) -> Outcome {
        switch command {
        case .getCapabilities:
            data.isEmpty ? .reply(.success, [Self.capabilities] + addresses) : .reply(.wrongLength)
        case .setCapabilities: setCapabilities(data)
        case .setPowerCycleInterval: setCycleInterval(data)
        case .getPowerOnHours:
            data.isEmpty ? .reply(.success, power.counter(at: context.now)) : .reply(.wrongLength)
        case .getStatus:
            data.isEmpty ? .reply(.success, status(context.machine.isPowered)) : .reply(.wrongLength)
        case .control: control(data, context)
        case .identify: identify(data, at: context.now)
        case .setPowerRestorePolicy: setPolicy(data)
        case .getRestartCause:
            data.isEmpty ? .reply(.success, lastRestart) : .reply(.wrongLength)
        case .setBootOptions: setBootOptions(data, context)
        case .getBootOptions:
            .of { () throws(CompletionFailure) in
                .reply(.success, try boot.get(data, isOpen: context.isOpen))
            }
        }
    }

    // MARK: What happens to the machine

    mutating func succeeded(_ control: ChassisControl, wasPowered: Bool, cause: RestartCause) {
        power.hasControlFault = false
        guard cause == .chassisControl else { return }
        switch control {
        case .powerUp: if !wasPowered { wasPoweredByCommand = true }
        case .powerCycle: wasPoweredByCommand = true
        case .powerDown, .hardReset, .diagnosticInterrupt, .softShutdown: break
        }
    }

    mutating func begins(_ control: ChassisControl, isPowered: Bool, cause: RestartCause) {
        awaitedBoot = control.boots(poweredBefore: isPowered) ? cause : nil
    }

    mutating func failed(_ control: ChassisControl) {
        awaitedBoot = nil
        power.hasControlFault = true
    }

    /// What the machine is asked to do first: with a pause in it, a power cycle begins as a power down.
    func firstStep(of operation: Operation) -> Operation {
        operation == .control(.powerCycle) && cycleInterval > .zero ? .control(.powerDown) : operation
    }

    /// What the firmware finds when it boots; a boot of unknown cause that the BMC began has that cause.
    mutating func boots(_ unproven: RestartCause) -> BootFlags? {
        let cause = unproven == .unknown ? awaitedBoot ?? .unknown : unproven
        awaitedBoot = nil
        restartCause = cause
        switch cause {
        case .powerButton, .powerRestored, .powerRestoredAsBefore, .clock: wasPoweredByCommand = false
        case .unknown, .chassisControl, .resetButton, .watchdog, .platformEventReset, .platformEventCycle,
            .softReset:
            break
        }
        return boot.boots(cause)
    }

    mutating func identify(_ light: Identification) { identification = light }

    /// Whether the light went out just now.
    mutating func expireIdentification(at now: Duration) -> Bool {
        guard case .temporary(let end) = identification, end <= now else { return false }
        identification = .off
        return true
    }

    /// Whether the light was on and is not any more.
    mutating func darken() -> Bool {
        defer { identification = .off }
        return identification != .off
    }

    // MARK: Commands

    /// No intrusion sensor, no lock-out of buttons, no interlock; a diagnostic interrupt (IPMI 2.0 §28.1).
    private static let capabilities: UInt8 = 0x04

    /// Set Chassis Capabilities: where else the devices are; what the chassis has, it has (IPMI 2.0 §28.7).
    private mutating func setCapabilities(_ data: [UInt8]) -> Outcome {
        guard data.count == 5 || data.count == 6 else { return .reply(.wrongLength) }
        guard data[0] & 0x03 == 0 else { return .reply(.invalidField) }
        addresses.replaceSubrange(0..<data.count - 1, with: data[1...])
        return .done
    }

    /// Set Power Cycle Interval (IPMI 2.0 §28.9).
    private mutating func setCycleInterval(_ data: [UInt8]) -> Outcome {
        guard data.count == 1 else { return .reply(.wrongLength) }
        cycleInterval = .seconds(Int(data[0]))
        return .done
    }

    /// Get Chassis Status (IPMI 2.0 §28.2).
    private func status(_ isPowered: Bool) -> [UInt8] {
        [
            policy.rawValue << 5 | (power.hasControlFault ? 0x10 : 0x00) | (isPowered ? 0x01 : 0x00),
            wasPoweredByCommand ? 0x10 : 0x00,
            0x40 | identification.status << 4,  // Bit 6: the identify state is supported.
        ]
    }

    /// Get System Restart Cause: the cause, and the channel that the command came on if it was one (IPMI 2.0 §28.11).
    private var lastRestart: [UInt8] {
        [restartCause.rawValue, restartCause == .chassisControl ? Channel.number : 0x00]
    }

    private mutating func control(_ data: [UInt8], _ context: Context) -> Outcome {
        guard data.count == 1 else { return .reply(.wrongLength) }
        guard let control = ChassisControl(rawValue: data[0]) else { return .reply(.invalidField) }
        guard context.machine.isPowered || !control.needsPower else { return .reply(.notInPresentState) }
        boot.chassisControlCame(at: context.now)
        return .ask(.control(control))
    }

    private mutating func identify(_ data: [UInt8], at now: Duration) -> Outcome {
        guard data.count <= 2 else { return .reply(.wrongLength) }
        let interval = data.first ?? Self.identifyTime
        if data.count == 2, data[1] & 0x01 != 0 {
            identification = .indefinite
        } else {
            identification = interval == 0 ? .off : .temporary(until: now + .seconds(Int(interval)))
        }
        return .done
    }

    /// Set Power Restore Policy, which also tells which policies there are (IPMI 2.0 §28.8).
    private mutating func setPolicy(_ data: [UInt8]) -> Outcome {
        guard data.count == 1 else { return .reply(.wrongLength) }
        let asksOnly: UInt8 = 0x03
        if data[0] & 0x07 != asksOnly {
            guard let new = PowerRestorePolicy(rawValue: data[0] & 0x07) else { return .reply(.invalidField) }
            policy = new
        }
        return .reply(.success, [PowerRestorePolicy.allCases.reduce(0) { $0 | 1 << $1.rawValue }])
    }

    private mutating func setBootOptions(_ data: [UInt8], _ context: Context) -> Outcome {
        .of { () throws(CompletionFailure) in
            switch try boot.set(data, by: context.session, isOpen: context.isOpen) {
            case .done: .done
            case .flags(let flags): .ask(.boot(flags))
            }
        }
    }
}
