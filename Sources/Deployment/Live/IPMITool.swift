import LabModel

/// Power control with `ipmitool`, as any engine would use it.
package struct IPMITool: PowerControl {
    package init() {}

    package func perform(
        _ command: PowerCommand,
        on bmc: BMCAccess,
        within limit: Duration
    ) async throws -> PowerAnswer {
        let program = HostProgram(
            name: "ipmitool",
            arguments: Self.arguments(command, bmc),
            environment: ["IPMI_PASSWORD": bmc.password]
        )
        let outcome: HostProgram.Outcome
        do {
            outcome = try await program.run(within: limit)
        } catch let error as DeployError {
            return .refused(error.message)
        }
        return Self.answer(to: command, outcome.status, outcome.output, outcome.errors)
    }

    /// The password is in the environment, where other users do not see it.
    static func arguments(_ command: PowerCommand, _ bmc: BMCAccess) -> [String] {
        let interface = bmc.version == "1.0" || bmc.version == "1.5" ? "lan" : "lanplus"
        return ["-I", interface, "-H", "\(bmc.address)", "-U", bmc.user, "-E"] + command.arguments
    }

    static func answer(
        to command: PowerCommand,
        _ status: Int?,
        _ output: String,
        _ errors: String
    ) -> PowerAnswer {
        guard status == 0 else {
            let said = (errors + output).split(separator: "\n").first.map(String.init)
            return .refused(said ?? status.map { "ipmitool ended with \($0)" } ?? "ipmitool was killed")
        }
        guard command == .status else { return .done }
        if output.contains("Power is on") { return .power(.on) }
        if output.contains("Power is off") { return .power(.off) }
        return .refused("unknown power state “\(output.split(separator: "\n").first ?? "")”")
    }
}
