import ArgumentParser
import Dispatch
import Foundation
import Glibc
import Lab

/// What `vlab up` starts in a new sandbox; nobody calls it by hand.
struct Supervise: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Be PID 1 of a lab's sandbox.",
        shouldDisplay: false
    )
    @Argument(help: "The lab's name.") var lab: String
    @Flag(help: "End the lab when the standard input is closed.") var whileInputIsOpen = false

    func run() async throws {
        let state = StateFolders()
        let folder = try LabFolder(name: lab, in: state)
        if whileInputIsOpen { Self.endWithInput() }
        do {
            try await Supervisor(folder: folder, state: state).run()
        } catch {
            SupervisorLog.sayLast(error)
            throw ExitCode(1)
        }
    }

    /// A thread of its own, so that nothing that hangs in the lab keeps it from ending.
    private static func endWithInput() {
        Thread.detachNewThread {
            var byte: UInt8 = 0
            while unsafe read(STDIN_FILENO, &byte, 1) > 0 {}
            _exit(0)
        }
    }
}
