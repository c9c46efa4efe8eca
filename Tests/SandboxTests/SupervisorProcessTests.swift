import Foundation
import Glibc
import TestSupport
import Testing

@testable import Sandbox

@Suite("A supervisor in a real sandbox", .timeLimit(.minutes(1)))
struct SupervisorProcessTests {
    @Test("is found by its socket, with its process id out here, where it is PID 1")
    func found() async throws {
        try await withScratchFolder { folder in
            let sandbox = try RunningSandbox(socket: "\(folder)/control.sock")
            let pid = try #require(try SupervisorProcess.find(listeningAt: "\(folder)/control.sock"))
            #expect(pid != 1 && pid != sandbox.unshare)
            // The kernel's list of its ids, outermost namespace first (proc(5)).
            let status = try String(contentsOfFile: "/proc/\(pid)/status", encoding: .utf8)
            let ids = status.split(separator: "\n").first { $0.hasPrefix("NSpid:") }
            #expect(ids?.split(separator: "\t").last == "1")
            try await SupervisorProcess.kill(pid)
        }
    }

    @Test("takes everything in the sandbox with it: when its killer returns, nothing is left")
    func killed() async throws {
        try await withScratchFolder { folder in
            let sandbox = try RunningSandbox(socket: "\(folder)/control.sock")
            defer { withExtendedLifetime(sandbox) {} }
            let pid = try #require(try SupervisorProcess.find(listeningAt: "\(folder)/control.sock"))
            let namespace = try #require(RunningSandbox.namespace(of: "\(pid)"))
            #expect(RunningSandbox.members(of: namespace) == 11)
            try await SupervisorProcess.kill(pid)
            #expect(RunningSandbox.members(of: namespace) == 0)
            #expect(try SupervisorProcess.find(listeningAt: "\(folder)/control.sock") == nil)
            // Again, for one that is gone already.
            try await SupervisorProcess.kill(pid)
        }
    }

    @Test("is nobody when the socket's file is not there, or a dead one's")
    func nobody() async throws {
        try await withScratchFolder { folder in
            #expect(try SupervisorProcess.find(listeningAt: "\(folder)/none.sock") == nil)
            let sandbox = try RunningSandbox(socket: "\(folder)/dead.sock")
            let pid = try #require(try SupervisorProcess.find(listeningAt: "\(folder)/dead.sock"))
            try await SupervisorProcess.kill(pid)
            #expect(FileManager.default.fileExists(atPath: "\(folder)/dead.sock"))
            #expect(try SupervisorProcess.find(listeningAt: "\(folder)/dead.sock") == nil)
            withExtendedLifetime(sandbox) {}
        }
    }

    @Test("cannot be looked for at a path that no socket can have")
    func longPath() {
        #expect(throws: SandboxError.self) {
            try SupervisorProcess.find(listeningAt: "/tmp/" + String(repeating: "x", count: 108))
        }
    }

    @Test("that does not end in time is told, with where to look")
    func stubborn() async throws {
        let error = await #expect(throws: SandboxError.self) {
            try await SupervisorProcess.waitUntilGone(getpid(), within: .zero)
        }
        #expect("\(try #require(error))".contains("/proc/\(getpid())"))
    }
}

/// Namespaces with a PID 1 that listens on a socket, and a crowd beside it.
private final class RunningSandbox {
    private let process = Process()
    private let output = Pipe()

    struct NotUp: Error { var said: String }

    init(socket: String) throws {
        let script = """
            import socket, subprocess, sys
            listener = socket.socket(socket.AF_UNIX)
            listener.bind(sys.argv[1])
            listener.listen(8)
            crowd = [subprocess.Popen(["sleep", "300"]) for _ in range(10)]
            print("up", flush=True)
            while True:
                listener.accept()
            """
        let command = Namespaces.enterNew(["python3", "-c", script, socket])
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        process.arguments = command
        process.standardOutput = output
        process.standardInput = FileHandle.nullDevice
        try process.run()
        // Ours would keep the pipe open.
        try output.fileHandleForWriting.close()
        var said = Data()
        while said.last != 0x0A {
            let more = output.fileHandleForReading.availableData
            guard !more.isEmpty else { throw NotUp(said: String(decoding: said, as: UTF8.self)) }
            said += more
        }
    }

    /// Whatever became of the test, nothing stays: unshare takes its child with it.
    deinit {
        if process.isRunning { kill(process.processIdentifier, SIGKILL) }
    }

    /// The process outside that made the namespaces.
    var unshare: Int32 { process.processIdentifier }

    /// The PID namespace of a process, as the kernel names it.
    static func namespace(of process: String) -> String? {
        // Nil: it has ended meanwhile.
        try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/\(process)/ns/pid")
    }

    /// How many processes live in a namespace.
    static func members(of namespace: String) -> Int {
        // A list that cannot be read has none, which the count before the kill would show.
        let names = (try? FileManager.default.contentsOfDirectory(atPath: "/proc")) ?? []
        return names.filter { Int($0) != nil && Self.namespace(of: $0) == namespace }.count
    }
}
