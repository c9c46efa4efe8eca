import Foundation
import Glibc
import Subprocess
import TestSupport
import Testing

@testable import Sandbox

@Suite("PID 1", .serialized)
struct OrphansTests {
    /// This process, too, inherits the orphans among its descendants.
    init() throws {
        // Its arguments are variable in number, which Swift does not call; five is how many the kernel takes.
        typealias Call = @convention(c) (Int32, UInt, UInt, UInt, UInt) -> Int32
        let call = unsafe unsafeBitCast(try #require(unsafe dlsym(nil, "prctl")), to: Call.self)
        let setChildSubreaper: Int32 = 36  // PR_SET_CHILD_SUBREAPER, prctl(2)
        guard call(setChildSubreaper, 1, 0, 0, 0) == 0 else {
            throw SandboxError.last("prctl", on: "this process")
        }
    }

    @Test("takes an orphan's status when it ends", .timeLimit(.minutes(1)))
    func orphan() async throws {
        let orphans = try Orphans()
        defer { withExtendedLifetime(orphans) {} }
        for seconds in ["0", "0.2"] {
            let orphan = try await Self.orphan(sleeping: seconds)
            try await eventually(
                "the end of process \(orphan)",
                within: .seconds(20),
                every: .milliseconds(10)
            ) {
                kill(orphan, 0) != 0 && errno == ESRCH ? true : nil
            }
        }
    }

    @Test(
        "takes the statuses of many that end at once, and of those that ended before it looked",
        .timeLimit(.minutes(1))
    )
    func many() async throws {
        let early = try await Self.orphan(sleeping: "0")
        try await eventually("a zombie", within: .seconds(20)) { try Self.isZombie(early) ? true : nil }
        let orphans = try Orphans()
        defer { withExtendedLifetime(orphans) {} }
        var all = [early]
        for _ in 0..<20 { all.append(try await Self.orphan(sleeping: "0.3")) }
        try await eventually("the end of all", within: .seconds(20), every: .milliseconds(10)) {
            all.allSatisfy { kill($0, 0) != 0 && errno == ESRCH } ? true : nil
        }
    }

    @Test("leaves the status of an own child to whoever waits for it, however late", .timeLimit(.minutes(1)))
    func ownChild() async throws {
        let orphans = try Orphans()
        defer { withExtendedLifetime(orphans) {} }
        let result = try await Subprocess.run(
            .name("sh"),
            arguments: ["-c", "exit 7"],
            input: .none,
            output: .discarded,
            error: .discarded
        ) { child in
            let pid = child.processIdentifier.value
            try await eventually("a zombie", within: .seconds(20)) { try Self.isZombie(pid) ? true : nil }
            // An orphan is taken meanwhile, so Orphans did look.
            let orphan = try await Self.orphan(sleeping: "0")
            try await eventually("the end of process \(orphan)", within: .seconds(20)) {
                kill(orphan, 0) != 0 && errno == ESRCH ? true : nil
            }
            #expect(try Self.isZombie(pid))
        }
        #expect(result.terminationStatus == .exited(7))
    }

    @Test("leaves the statuses of own children alone that end in a crowd", .timeLimit(.minutes(1)))
    func ownChildren() async throws {
        let orphans = try Orphans()
        defer { withExtendedLifetime(orphans) {} }
        try await withThrowingTaskGroup { group in
            for status in 0..<40 {
                group.addTask {
                    let result = try await Subprocess.run(
                        .name("sh"),
                        arguments: ["-c", "true & exit \(status)"],
                        output: .discarded
                    )
                    #expect(result.terminationStatus == .exited(Int32(status)))
                }
            }
            try await group.waitForAll()
        }
    }

    /// Starts a process whose parent ends at once, and gives its id.
    private static func orphan(sleeping seconds: String) async throws -> pid_t {
        let result = try await Subprocess.run(
            .name("sh"),
            arguments: ["-c", "sleep \(seconds) >/dev/null 2>&1 & echo $!"],
            output: .string(limit: 100)
        )
        let words = result.standardOutput.trimmingCharacters(in: .whitespacesAndNewlines)
        return try #require(pid_t(words))
    }

    private static func isZombie(_ pid: pid_t) throws -> Bool {
        let status = try String(contentsOfFile: "/proc/\(pid)/status", encoding: .utf8)
        return status.contains("State:\tZ")
    }
}
