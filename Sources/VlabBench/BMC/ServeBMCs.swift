import ArgumentParser
import Foundation
import IPMI
import LabModel
import NIOCore
import NIOPosix
import VirtualBMC

/// Serves BMCs of machines that do nothing, and says what they cost.
struct ServeBMCs: AsyncParsableCommand {
    static let configuration = CommandConfiguration(commandName: "serve-bmcs", shouldDisplay: false)
    @Option var count = 1

    static let account = Account(name: "root", password: "secret")

    /// A machine that is on, and stays on.
    private struct Still: Chassis {
        var powerState: PowerState { .on }
        var processorTime: Duration { .zero }
        func perform(_ action: ChassisAction) async throws { throw ChassisError.unsupported }
        func bootSelectionChanged(_ selection: BootSelection?) async throws { throw ChassisError.unsupported }
        func identify(_ isLit: Bool) {}
    }

    /// Prints the first one's port and the bytes that each costs; serves until its input is closed.
    func run() async throws {
        let group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
        let first = try await serve(group)
        let before = Self.size
        var servers = [first]
        for _ in 0..<count { servers.append(try await serve(group)) }
        let cost = Double(Self.size - before) / Double(count)
        Terminal.say("\(first.port ?? 0) \(cost)")
        try await withThrowingTaskGroup(of: Void.self) { tasks in
            for server in servers { tasks.addTask { try await server.run() } }
            tasks.addTask { _ = try FileHandle.standardInput.readToEnd() }
            try await tasks.next()
            tasks.cancelAll()
        }
        try await group.shutdownGracefully()
    }

    private func serve(_ group: MultiThreadedEventLoopGroup) async throws -> BMCServer {
        guard let address = IPv4Address("127.0.0.1") else { throw BenchError("127.0.0.1 is no address") }
        let configuration = BMCConfiguration(
            node: "still",
            uuid: "a1b2c3d4-e5f6-4789-8abc-0123456789ab",
            address: address,
            port: 0,
            accounts: [Self.account]
        )
        let server = try BMCServer(configuration, chassis: Still(), on: group)
        try await server.start()
        return server
    }

    private static var size: Int {
        let me = LabProcess(pid: ProcessInfo.processInfo.processIdentifier, command: [], namespaces: [])
        return Int(me.proportionalSize ?? 0)
    }
}
