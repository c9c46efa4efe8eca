// The same state for another protocol than IPMI, such as Redfish. What only the machine can do goes through `ask`.
extension BMC {
    /// What was said last of the next boot, and whether it counts.
    package var bootFlags: BootFlags {
        var flags = chassis.boot.flags
        if chassis.boot.selection == nil { flags.isValid = false }
        return flags
    }

    package var identification: Identification { chassis.identification }

    /// Switches the light by which a person finds the machine.
    package mutating func identify(_ isLit: Bool) -> [Action] {
        chassis.identify(isLit ? .indefinite : .off)
        return [.identify(chassis.identification)]
    }

    /// The rights of whoever has that name and password; nil for nobody.
    package func privilege(of name: String, password: String) -> PrivilegeLevel? {
        account(named: name, password: password)?.limit
    }

    /// The BMC's own place in the network.
    package var network: LANSettings { transport.lan.settings }

    /// What time it is in the event log: seconds since 1970.
    package func time(at now: Duration) -> UInt32 { storage.log.clock.seconds(at: now) }

    /// How many entries the event log has room for.
    package static var eventLogCapacity: Int { SystemEventLog.capacity }

    /// The number of its newest entry.
    package var newestEntry: UInt16? { storage.log.records.last?.id }
}
