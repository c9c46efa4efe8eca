import ArgumentParser
import Deployment
import Dispatch
import Foundation
import Glibc
import LabModel
import PodSpec
import Synchronization

/// The terminal of one run of the engine: its lines, its signals, its exit status.
package struct Console: Sendable {
    let work: String

    /// Runs an engine to its end and says how it ended, in the last line and in the exit status.
    func deploy(_ make: @Sendable (@escaping @Sendable (LogLine) -> Void) throws -> Engine) async throws {
        let engine: Engine
        do {
            engine = try make(write)
        } catch {
            throw Self.exit(for: error)
        }
        let task = Task { try await engine.run() }
        let signals = [SIGINT, SIGTERM].map { number in
            signal(number, SIG_IGN)
            let source = DispatchSource.makeSignalSource(signal: number)
            source.setEventHandler { task.cancel() }
            source.resume()
            return source
        }
        defer { signals.forEach { $0.cancel() } }
        do {
            try await task.value
            line("deploy SUCCESSFUL")
        } catch is CancellationError {
            line("deploy ERROR: interrupted; vdeploy resume --work \(work) goes on")
            throw ExitCode(1)
        } catch {
            line("deploy ERROR: \(error)")
            throw ExitCode(Self.status(of: error))
        }
    }

    /// What the system said when a line could not be printed.
    private static let flaw = Mutex<Int32>(0)

    /// Ends the program with an error when what it printed cannot be written; a reader that has left wanted no more.
    package static func finish() {
        let flaw = fflush(nil) == 0 ? flaw.withLock { $0 } : errno
        guard flaw != 0, flaw != EPIPE else { return }
        let reason = unsafe String(cString: strerror(flaw))
        Vdeploy.exit(
            withError: exit(
                for: DeployError("standard output: cannot be written: \(reason); redirect it elsewhere")
            )
        )
    }

    /// Says on the error output what is wrong, and how to exit for it.
    static func exit(for error: any Error) -> ExitCode {
        FileHandle.standardError.write(Data("vdeploy: \(error)\n".utf8))
        return ExitCode(status(of: error))
    }

    static func status(of error: any Error) -> Int32 {
        switch error {
        case is Diagnostics, is PodNotFound: 65
        case let error as DeployError:
            switch error.kind {
            case .failed: 1
            case .usage: 64
            case .badInput: 65
            }
        default: 1
        }
    }

    private func write(_ entry: LogLine) { line(entry.text(in: .current)) }

    /// To the terminal at once, also through a pipe, and to the log of the work folder, of which nothing depends.
    private func line(_ text: String) {
        let data = Data((text + "\n").utf8)
        // Whether that can be written is seen at the end: nobody's reading decides how a deployment goes on.
        print(text)
        if fflush(nil) != 0 { Self.flaw.withLock { $0 = errno } }
        guard let log = FileHandle(forWritingAtPath: "\(work)/vdeploy.log") ?? create() else { return }
        log.seekToEndOfFile()
        log.write(data)
        log.closeFile()
    }

    private func create() -> FileHandle? {
        let path = "\(work)/vdeploy.log"
        guard FileManager.default.createFile(atPath: path, contents: nil) else { return nil }
        return FileHandle(forWritingAtPath: path)
    }
}
