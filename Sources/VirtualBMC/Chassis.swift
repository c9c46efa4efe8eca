import LabModel

/// The machine behind a BMC, as far as its BMC has to do with it.
package protocol Chassis: Sendable {
    /// Kept up to date by whoever runs the machine: must return at once.
    var powerState: PowerState { get }

    /// The processor time that the machine has used since it was powered on: must return at once. Asked for only
    /// when somebody asks the BMC for what follows from it.
    var processorTime: Duration { get }

    /// Returns when it is done, throws when it is not; may take its time. On for a machine that is on, and off for
    /// one that is off, is done at once.
    func perform(_ action: ChassisAction) async throws

    /// The next boot shall be from there; nil leaves it to the firmware. The BMC says so to its user only if this
    /// does not throw. That a boot has spent its selection is not told here: `BMCServer.machineBoots` returns it.
    func bootSelectionChanged(_ selection: BootSelection?) async throws

    /// The light by which a person finds the machine goes on or out: must return at once.
    func identify(_ isLit: Bool)
}

/// What a machine tells its BMC, for the event log.
package enum MachineEvent: Hashable, Sendable {
    case poweredOn
    case poweredOff
    /// The carrier of a NIC, by its name, has come or gone.
    case link(nic: String, up: Bool)
}

/// What a BMC can do to its machine.
package enum ChassisAction: String, Sendable, CaseIterable {
    case powerOn
    case powerOff
    /// Off, then on.
    case powerCycle
    case reset
    /// Press the power button and leave the rest to the guest.
    case softOff
    case diagnosticInterrupt
}

/// What a machine's next boot is from.
package struct BootSelection: Hashable, Sendable {
    package var device: BootDevice
    /// For every boot from now on rather than the next alone.
    package var isPersistent: Bool
    package var isEFI: Bool

    package init(_ device: BootDevice, persistent: Bool = false, efi: Bool = false) {
        (self.device, isPersistent, isEFI) = (device, persistent, efi)
    }
}

/// Why a chassis did not do what it was asked; any other error is as good, but tells the user of the BMC less.
package enum ChassisError: Error, Hashable, Sendable {
    /// Such as a reset of a machine that is off.
    case notInPresentState
    /// Something else must end first.
    case busy
    /// This machine cannot do that, such as boot from a drive that it lacks.
    case unsupported
}
