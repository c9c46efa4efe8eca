import ArgumentParser
import Foundation
import Glibc
import IPMI
import LabModel
import UnixSignals
import VirtualBMC

extension VendorProfile: ExpressibleByArgument {}

struct BMCServe: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "serve",
        abstract: "Serve BMCs on 127.0.0.1, without a lab: each controls a domain of libvirt's test driver.",
        discussion: """
            Prints each one's address on a line of its own once it answers; user root, password admin. Ends with ^C.
            Examples:
              vlab bmc serve --test-driver 3                     three, at any free ports
              vlab bmc serve --test-driver 100 --port 6230       at 6230, 6231, …
              vlab bmc serve --test-driver 1 --delay 3s          whose libvirt takes 3 s for each operation
              ipmitool -I lanplus -H 127.0.0.1 -p 6230 -U root -P admin power on
            """
    )
    @Option(help: "How many, each over a domain of libvirt's test driver.") var testDriver: Int
    @Option(help: "The first one's port; any free ones otherwise.") var port: Int?
    @Option(
        help: "How much longer each of libvirt's operations takes, as in 3s or 500ms.",
        transform: Self.duration
    )
    var delay = Duration.zero
    @Option(parsing: .upToNextOption, help: "Cipher suites: 1, 2, 3, 15, 16, 17. (default: the profile's)")
    var suites: [Suite] = []
    @Option(help: "Their make; vlab bmc profiles lists them.") var profile = VendorProfile.wellBehaved
    @Flag(help: "End when the standard input is closed.") var whileInputIsOpen = false

    func validate() throws {
        guard (1...10_000).contains(testDriver) else {
            throw ValidationError("--test-driver takes 1 to 10000 BMCs, not \(testDriver)")
        }
        if let port, !(1...65_536 - testDriver).contains(port) {
            throw ValidationError("--port must be 1 to \(65_536 - testDriver) for \(testDriver) BMCs")
        }
    }

    func run() async throws {
        // Trapped before the first address is told, so that whoever reads it may end this at once.
        let signals = await UnixSignalsSequence(trapping: .sigint, .sigterm, .sighup)
        let bmcs = try await TestDriverBMCs(
            testDriver,
            first: port,
            suites: suites.isEmpty ? profile.suites : suites.map(\.suite),
            profile: profile,
            delay: delay
        )
        for server in bmcs.servers { print("\(IPv4Address.loopback):\(server.port ?? 0)") }
        fflush(nil)
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await bmcs.run() }
            group.addTask { for await _ in signals { return } }
            if whileInputIsOpen { group.addTask { await Self.inputEnds() } }
            try await group.next()
            group.cancelAll()
        }
    }

    /// A thread of its own: reading blocks for as long as nobody closes the other end.
    private static func inputEnds() async {
        let (ends, end) = AsyncStream<Void>.makeStream()
        Thread.detachNewThread {
            var byte: UInt8 = 0
            while unsafe read(STDIN_FILENO, &byte, 1) > 0 {}
            end.finish()
        }
        for await _ in ends {}
    }

    private static func duration(_ text: String) throws -> Duration {
        guard let duration = Duration(text) else {
            throw ValidationError("“\(text)” is no time; write it as in 250ms, 3s or 2m")
        }
        return duration
    }

    /// A cipher suite by its number.
    struct Suite: ExpressibleByArgument {
        let suite: CipherSuite
        init?(argument: String) {
            guard let suite = UInt8(argument).flatMap(CipherSuite.init(rawValue:)) else { return nil }
            self.suite = suite
        }
    }
}
