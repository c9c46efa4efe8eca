/// The BMC's LAN and its serial-over-LAN settings (IPMI 2.0 §23 and §26).
struct TransportDevice: Sendable {
    var lan: LANConfiguration
    var sol = SOLSettings()
    var traffic = Traffic()

    init(_ inventory: Inventory) { lan = LANConfiguration(inventory.network) }

    mutating func execute(
        _ command: TransportCommand,
        _ data: [UInt8],
        _ context: Context,
        _ sessions: inout SessionTable
    ) -> Outcome {
        .of { () throws(CompletionFailure) in
            switch command {
            case .setLANConfiguration: return try lan.set(data, context, &sessions)
            case .getLANConfiguration:
                return .reply(.success, try lan.get(data, port: sol.port, context, sessions))
            case .getStatistics: return .reply(.success, try traffic.statistics(data))
            case .setSOLConfiguration:
                try sol.set(data, by: context.session, isOpen: context.isOpen)
                return .done
            case .getSOLConfiguration:
                return .reply(.success, try sol.get(data, isOpen: context.isOpen))
            }
        }
    }

    /// What a cold reset leaves of it.
    mutating func restart() {
        sol.restart()
        traffic = Traffic()
    }
}
