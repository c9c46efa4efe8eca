import Foundation
import SSH
import Synchronization
import Testing

@Suite("An SSH session with a real dropbear", .timeLimit(.minutes(1)))
struct SSHSessionTests {
    @Test("runs commands and tells their output, errors, status and signal")
    func run() async throws {
        try await Dropbear.with { dropbear in
            let session = try await SSHSession.connect(to: dropbear.endpoint, key: dropbear.key)
            let result = try await session.run("echo out; echo err >&2; exit 3")
            #expect(result.outputText == "out\n")
            #expect(result.errorText == "err\n")
            #expect(result.status == 3)
            #expect(!result.succeeded && !result.truncated)
            let killed = try await session.run("kill -KILL $$")
            #expect(killed.signal == "KILL")
            #expect(!killed.succeeded)
            #expect(try await session.run("true").succeeded)
            await session.close()
            #expect(await !session.isOpen)
            let error = await #expect(throws: SSHError.self) { try await session.run("true") }
            #expect(error?.kind == .disconnected)
        }
    }

    @Test("hands over input of any size, and keeps of the output what it was told to")
    func sizes() async throws {
        try await Dropbear.with { dropbear in
            let session = try await SSHSession.connect(to: dropbear.endpoint, key: dropbear.key)
            let bytes = (0..<3_000_000).map { UInt8(truncatingIfNeeded: $0 &* 31 >> 3) }
            let echo = try await session.run("cat", input: bytes, keeping: 4_000_000)
            #expect(echo.output == bytes)
            #expect(!echo.truncated)
            let part = try await session.run("cat; echo e >&2", input: bytes, keeping: 1000)
            #expect(part.output == Array(bytes.prefix(1000)))
            #expect(part.errorText == "e\n")
            #expect(part.truncated)
            #expect(try await session.run("exit 7", input: bytes).status == 7)
        }
    }

    @Test("writes files with their mode, whatever their name")
    func upload() async throws {
        try await Dropbear.with { dropbear in
            let session = try await SSHSession.connect(to: dropbear.endpoint, key: dropbear.key)
            let path = dropbear.folder.appending(path: "it's a \"file\" $HOME").path
            try await session.upload(Array("old".utf8), to: path)
            try await session.upload(Array("#!/bin/sh\necho new\n".utf8), to: path, mode: 0o750)
            #expect(try String(contentsOfFile: path, encoding: .utf8) == "#!/bin/sh\necho new\n")
            let attributes = try FileManager.default.attributesOfItem(atPath: path)
            #expect(attributes[.posixPermissions] as? Int == 0o750)
            #expect(try await session.run(SSHSession.quote(path)).outputText == "new\n")
            let error = await #expect(throws: SSHError.self) {
                try await session.upload([], to: "/nonexistent/file")
            }
            #expect(error?.kind == .channel)
            #expect(try await session.run("true").succeeded)
        }
    }

    @Test("hands on lines as they come")
    func lines() async throws {
        try await Dropbear.with { dropbear in
            let session = try await SSHSession.connect(to: dropbear.endpoint, key: dropbear.key)
            let lines = Mutex<[String]>([])
            // The second half waits for a file that is made when the first line has arrived.
            let file = dropbear.folder.appending(path: "go").path
            let command = """
                printf 'one\\r\\n\\ntw'; n=0; while [ ! -e \(file) ] && [ $n -lt 500 ]; do
                sleep 0.02; n=$((n+1)); done; echo o; printf end
                """
            let result = try await session.run(command, within: .seconds(20)) { line in
                lines.withLock { $0.append(line) }
                if line == "one" { _ = FileManager.default.createFile(atPath: file, contents: nil) }
            }
            #expect(result.succeeded)
            #expect(lines.withLock { $0 } == ["one", "", "two", "end"])
            #expect(FileManager.default.fileExists(atPath: file))
        }
    }

    @Test("exists many times over, side by side")
    func parallel() async throws {
        try await Dropbear.with { dropbear in
            // dropbear has no more than five that are not logged in yet.
            let outputs = try await withThrowingTaskGroup(of: String.self) { group in
                for number in 0..<5 {
                    group.addTask { [endpoint = dropbear.endpoint, key = dropbear.key] in
                        let session = try await SSHSession.connect(to: endpoint, key: key)
                        // None ends before all have begun: each waits for the others' files.
                        let folder = SSHSession.quote("/tmp/vlab-meet-\(endpoint.port)")
                        return try await session.run(
                            """
                            mkdir -p \(folder); touch \(folder)/\(number); n=0
                            while [ $(ls \(folder) | wc -l) -lt 5 ] && [ $n -lt 500 ]; do sleep 0.02; n=$((n+1)); done
                            ls \(folder) | wc -l
                            """
                        ).outputText
                    }
                }
                return try await group.reduce(into: []) { $0.append($1) }
            }
            try FileManager.default.removeItem(atPath: "/tmp/vlab-meet-\(dropbear.endpoint.port)")
            #expect(outputs == Array(repeating: "5\n", count: 5))
        }
    }

    @Test("ends when a command takes longer than it may")
    func timeout() async throws {
        try await Dropbear.with { dropbear in
            for command in ["sleep 30", "yes"] {
                let session = try await SSHSession.connect(to: dropbear.endpoint, key: dropbear.key)
                let error = await #expect(throws: SSHError.self) {
                    try await session.run(command, within: .milliseconds(300))
                }
                #expect(error?.kind == .timedOut)
                #expect(await !session.isOpen)
            }
        }
    }

    @Test("ends when the host drops it")
    func dropped() async throws {
        try await Dropbear.with { dropbear in
            let session = try await SSHSession.connect(to: dropbear.endpoint, key: dropbear.key)
            let error = await #expect(throws: SSHError.self) {
                try await session.run("kill -9 $PPID; sleep 30")
            }
            #expect(error?.kind == .disconnected)
            #expect(await !session.isOpen)
        }
    }

    @Test("ends when its task is cancelled")
    func cancelled() async throws {
        try await Dropbear.with { dropbear in
            let session = try await SSHSession.connect(to: dropbear.endpoint, key: dropbear.key)
            let started = dropbear.folder.appending(path: "started").path
            let task = Task { try await session.run("touch \(started); sleep 60") }
            while !FileManager.default.fileExists(atPath: started) { await Task.yield() }
            task.cancel()
            let error = await #expect(throws: SSHError.self) { try await task.value }
            #expect(error?.kind == .cancelled)
        }
    }
}
