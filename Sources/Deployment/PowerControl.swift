import LabModel

/// What one run of the power tool is asked to do.
package enum PowerCommand: String, Sendable, Hashable, CaseIterable {
    case status, powerOn, powerReset, bootPXE, bootDisk
}

/// What came of it.
package enum PowerAnswer: Hashable, Sendable {
    case done
    case power(PowerState)
    case refused(String)
}

/// What a deployment needs from whatever switches the machines.
package protocol PowerControl: Sendable {
    /// Never throws for a BMC that fails or is silent: that is `.refused`.
    func perform(
        _ command: PowerCommand,
        on bmc: BMCAccess,
        within limit: Duration
    ) async throws -> PowerAnswer
}
