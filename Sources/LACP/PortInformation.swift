import LabModel

/// What one side of a link says of its port (IEEE 802.1AX-2020 §6.4.2.3).
package struct PortInformation: Hashable, Sendable {
    /// The eight bits of Actor_State and Partner_State.
    package struct State: OptionSet, Hashable, Sendable {
        package let rawValue: UInt8
        package init(rawValue: UInt8) { self.rawValue = rawValue }

        package static let activity = State(rawValue: 0x01)
        package static let shortTimeout = State(rawValue: 0x02)
        package static let aggregation = State(rawValue: 0x04)
        package static let synchronization = State(rawValue: 0x08)
        package static let collecting = State(rawValue: 0x10)
        package static let distributing = State(rawValue: 0x20)
        package static let defaulted = State(rawValue: 0x40)
        package static let expired = State(rawValue: 0x80)
    }

    package var systemPriority: UInt16
    package var system: MACAddress
    package var key: UInt16
    package var portPriority: UInt16
    package var port: UInt16
    package var state: State

    package init(
        systemPriority: UInt16 = 0x8000,
        system: MACAddress,
        key: UInt16,
        portPriority: UInt16 = 0x8000,
        port: UInt16,
        state: State
    ) {
        (self.systemPriority, self.system, self.key) = (systemPriority, system, key)
        (self.portPriority, self.port, self.state) = (portPriority, port, state)
    }

    /// Whether both speak of the same port, in the same system, with the same wish to be aggregated.
    func isSamePort(as other: PortInformation) -> Bool {
        systemPriority == other.systemPriority && system == other.system && key == other.key
            && portPriority == other.portPriority && port == other.port
            && state.contains(.aggregation) == other.state.contains(.aggregation)
    }
}
