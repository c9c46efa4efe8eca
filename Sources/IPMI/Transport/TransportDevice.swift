/// The BMC's LAN and its serial-over-LAN settings (IPMI 2.0 §23 and §26).
struct TransportDevice: Sendable {
    private(set) var settings: LANSettings
    var sol = SOLSettings()

    init(_ inventory: Inventory) { settings = inventory.network }

    mutating func execute(_ command: TransportCommand, _ data: [UInt8], _ context: Context) -> Outcome {
        switch command {
        case .getLANConfiguration: .of { () throws(CompletionFailure) in try get(data) }
        case .setSOLConfiguration:
            .of { () throws(CompletionFailure) in
                try sol.set(data, by: context.session, isOpen: context.isOpen)
                return .done
            }
        case .getSOLConfiguration:
            .of { () throws(CompletionFailure) in
                .reply(.success, try sol.get(data, isOpen: context.isOpen))
            }
        }
    }

    /// What a cold reset leaves of it.
    mutating func restart() { sol.restart() }

    /// Get LAN Configuration Parameters (IPMI 2.0 §23.2).
    private func get(_ data: [UInt8]) throws(CompletionFailure) -> Outcome {
        guard data.count == 4 else { throw CompletionFailure(.wrongLength) }
        guard Channel.named(data[0]) != nil else { throw CompletionFailure(.invalidField) }
        let revision: UInt8 = 0x11
        switch data[1] {
        case 3: return .reply(.success, [revision] + Client(address: settings.address, port: 0).octets)
        case 5: return .reply(.success, [revision] + settings.hardwareAddress)
        default: throw CompletionFailure(.parameterNotSupported)
        }
    }
}
