import ArgumentParser
import Foundation
import Lab
import Uplink

/// What a lab with a way out starts outside its sandbox; nobody calls it by hand.
struct ServeUplink: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Make connections on the host for a lab, until the lab ends.",
        shouldDisplay: false
    )
    @Argument(help: "The lab's name.") var lab: String
    @Option(help: "Another address for a host, as HOST:PORT:ADDRESS:PORT.") var connectTo: [ConnectTo] = []

    func run() throws {
        let folder = try LabFolder(name: lab, in: StateFolders())
        do {
            let server = try UplinkServer(
                at: folder.uplinkSocket,
                proxies: ProxySettings(ProcessInfo.processInfo.environment),
                mappings: connectTo
            )
            SupervisorLog.say(SupervisorLog.ready)
            server.run()
        } catch {
            FileHandle.standardError.write(Data("\(error)\n".utf8))
            throw ExitCode(1)
        }
    }
}

extension ConnectTo: ExpressibleByArgument {}
