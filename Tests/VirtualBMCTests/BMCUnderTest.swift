import IPMI
import LabModel
import Subprocess
import Synchronization
import Testing
import VirtualBMC

#if canImport(System)
    import System
#else
    import SystemPackage
#endif

/// A BMC on loopback, and the programs that people talk to BMCs with.
struct BMCUnderTest {
    static let uuid = "a1b2c3d4-e5f6-4789-8abc-0123456789ab"

    let server: BMCServer
    let port: Int
    let events: EventLog

    /// What a program said.
    struct Output {
        var status: Int
        var text: String
        var errors: String
        var succeeded: Bool { status == 0 }
    }

    /// `ipmitool -I lanplus` as root, with its other options as they are by default.
    func ipmitool(
        _ arguments: String,
        user: String = "root",
        password: String = "secret",
        at host: String = "127.0.0.1"
    ) async throws -> Output {
        try await run(
            "ipmitool",
            "-I lanplus -H \(host) -p \(port) -U \(user) -P \(password) \(arguments)"
        )
    }

    /// One of FreeIPMI's programs, over IPMI 2.0.
    func freeipmi(_ program: String, _ arguments: String) async throws -> Output {
        try await run(program, "-D LAN_2_0 -h 127.0.0.1:\(port) -u root -p secret \(arguments)")
    }

    /// A program at a terminal, and somebody who answers what it says.
    func talk(_ command: [String], _ steps: [Conversation.Step]) async throws -> Output {
        try await run("python3", Conversation.arguments(command, steps))
    }

    /// Talks to the machine's console through `ipmitool sol activate`.
    func solActivate(_ options: String = "", _ steps: [Conversation.Step]) async throws -> Output {
        let access = "-I lanplus -H 127.0.0.1 -p \(port) -U root -P secret"
        return try await talk("ipmitool \(access) sol activate \(options)".words, steps)
    }

    func run(_ program: String, _ arguments: String) async throws -> Output {
        try await run(program, arguments.words)
    }

    func run(_ program: String, _ arguments: [String]) async throws -> Output {
        do {
            let result = try await Subprocess.run(
                .name(program),
                arguments: Arguments(arguments),
                // FreeIPMI keeps files about sensors in the home folder; these tests have none.
                environment: .inherit.updating(["HOME": "/nonexistent", "LC_ALL": "C"]),
                output: .string(limit: 1 << 20),
                error: .string(limit: 1 << 20)
            )
            let status =
                switch result.terminationStatus {
                case .exited(let code): Int(code)
                case .signaled(let signal): 128 + Int(signal)
                }
            return Output(
                status: status,
                text: result.standardOutput,
                errors: result.standardError
            )
        } catch {
            Issue.record("cannot run \(program): \(error); apt install ipmitool freeipmi-tools")
            throw error
        }
    }
}

/// The events of a BMC, kept.
final class EventLog: Sendable {
    private let events = Mutex<[LabEvent]>([])
    func append(_ event: LabEvent) { events.withLock { $0.append(event) } }
    var all: [LabEvent] { events.withLock { $0 } }
}

/// Runs a BMC for that machine as long as `body` takes.
func withBMC(
    _ chassis: MemoryChassis,
    serial: MemorySerialPort? = nil,
    network: MemoryNetwork? = nil,
    accounts: [Account] = [Account(name: "root", password: "secret")],
    suites: [CipherSuite] = CipherSuite.standard,
    downtime: Duration = .seconds(3),
    _ body: (BMCUnderTest) async throws -> Void
) async throws {
    let log = EventLog()
    let address = try #require(IPv4Address("127.0.0.1"))
    var configuration = BMCConfiguration(
        node: "ctl01",
        uuid: BMCUnderTest.uuid,
        address: address,
        port: 0,
        accounts: accounts,
        suites: suites
    )
    configuration.downtime.cold = downtime
    configuration.farewell = .seconds(2)
    let server = try BMCServer(
        configuration,
        chassis: chassis,
        serial: serial,
        network: network,
        events: { log.append($0) }
    )
    try await server.start()
    let port = try #require(server.port)
    try await withThrowingTaskGroup { group in
        group.addTask { try await server.run() }
        let result: Result<Void, any Error>
        do {
            result = .success(try await body(BMCUnderTest(server: server, port: port, events: log)))
        } catch {
            result = .failure(error)
        }
        group.cancelAll()
        try await group.waitForAll()
        try result.get()
    }
    #expect(server.port == nil, "a stopped BMC does not listen")
}

extension String {
    /// What stands between its spaces.
    var words: [String] { split(separator: " ").map(String.init) }
}
