/// What a BMC is busy with at a moment, for people who look at it from outside.
package struct Overview: Sendable {
    /// Somebody who is logged in.
    package struct Visitor: Sendable {
        package var session: UInt32
        package var user: String
        package var client: Client
        package var privilege: PrivilegeLevel
        /// How long it has said nothing.
        package var idle: Duration
    }

    package var visitors: [Visitor]
    /// The boot flags that wait for a boot.
    package var boot: BootFlags?
    /// When they lapse; nil when they do not.
    package var bootLapsesIn: Duration?
    package var misbehaviours: [Misbehaving.Entry]
    /// The power as it is reported.
    package var reportsPower: Bool
}

extension BMC {
    package func overview(at now: Duration, machine: MachineState) -> Overview {
        Overview(
            visitors: sessions.inOrder.map { session in
                Overview.Visitor(
                    session: session.id,
                    user: session.user,
                    client: session.client,
                    privilege: session.privilege,
                    idle: now - session.lastHeard
                )
            },
            boot: chassis.boot.selection,
            bootLapsesIn: chassis.boot.expiry.map { $0 - now },
            misbehaviours: misbehaving.entries,
            reportsPower: misbehaving.claim(machine.isPowered, at: now)?.isOn ?? machine.isPowered
        )
    }
}
