import IPMI
import LabModel
import VirtualBMC

/// What ComputerSystem.Reset can do to a machine: exactly what its chassis can.
enum ResetType: String, CaseIterable {
    case on = "On"
    case forceOff = "ForceOff"
    case gracefulShutdown = "GracefulShutdown"
    case gracefulRestart = "GracefulRestart"
    case forceRestart = "ForceRestart"
    case nmi = "Nmi"
    case forceOn = "ForceOn"
    case pushPowerButton = "PushPowerButton"
    case powerCycle = "PowerCycle"

    /// How long a guest may take to shut down before a graceful restart is given up.
    private static let patience: Duration = .seconds(300)

    /// Does it; says so only when it is done.
    func perform(on service: RedfishService, target: String) async throws(Failure) -> Answer {
        let isOn = service.bmc.powerState == .on
        let control: ChassisControl
        switch self {
        case .on, .forceOn:
            if isOn { return .noOperation }
            control = .powerUp
        case .forceOff:
            if !isOn { return .noOperation }
            control = .powerDown
        case .gracefulShutdown:
            if !isOn { return .noOperation }
            control = .softShutdown
        case .gracefulRestart: return try await restartGracefully(service, target)
        case .forceRestart: control = .hardReset
        case .nmi: control = .diagnosticInterrupt
        case .pushPowerButton: control = isOn ? .softShutdown : .powerUp
        case .powerCycle: control = .powerCycle
        }
        if control.needsPower, !isOn { throw Failure(409, .resourceInStandby) }
        return try await service.begin("\(rawValue) of \(service.machine.node.name)", on: target) {
            _ throws(Failure) in
            try await Self.done(control, service)
            return .done
        }
    }

    private func restartGracefully(
        _ service: RedfishService,
        _ target: String
    ) async throws(Failure) -> Answer {
        guard service.bmc.powerState == .on else { throw Failure(409, .resourceInStandby) }
        return try await service.begin("GracefulRestart of \(service.machine.node.name)", on: target) {
            progress throws(Failure) in
            try await Self.done(.softShutdown, service)
            progress(10)
            let deadline = ContinuousClock.now + Self.patience
            while service.bmc.powerState == .on {
                // A guest that does not listen to its power button is left as it is.
                guard ContinuousClock.now < deadline else { throw Failure(500, .operationFailed) }
                do {
                    try await Task.sleep(for: .milliseconds(200))
                } catch {
                    throw .unavailable(retryIn: 10)
                }
            }
            progress(50)
            try await Self.done(.powerUp, service)
            return .done
        }
    }

    private static func done(_ control: ChassisControl, _ service: RedfishService) async throws(Failure) {
        let completion = await service.bmc.perform(.control(control))
        guard completion == .success else { throw Failure(completion) }
    }
}
