import Lab
import VirtualBMC

/// The console of a machine of the lab as its BMC sees it.
struct MachineSerialPort: SerialPort {
    let machine: Machine

    func output(history: Int) -> AsyncStream<[UInt8]> { machine.console.watch(lines: history) }

    func send(_ bytes: [UInt8]) async throws { try await machine.type(bytes) }

    func sendBreak() async throws { try await machine.sendBreak() }
}
