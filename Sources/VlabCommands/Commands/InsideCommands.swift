import ArgumentParser
import Foundation
import Glibc
import Lab
import LabModel
import Sandbox

/// Becomes another program: terminal, signals and exit status are that program's.
enum Become {
    static func program(_ command: [String]) throws -> Never {
        var arguments: [UnsafeMutablePointer<CChar>?] = unsafe command.map { unsafe strdup($0) } + [nil]
        unsafe execvp(command[0], &arguments)
        throw LabError(
            command[0],
            "cannot run it: \(String(describing: POSIXError(POSIXErrorCode(rawValue: errno) ?? .ENOENT)))"
        )
    }

    /// Becomes a program in the lab's sandbox.
    static func program(in supervisor: Int32, _ command: [String]) throws -> Never {
        for (name, value) in Trust.environment() { unsafe setenv(name, value, 1) }
        try program(Namespaces.join(supervisor, command, folder: FileManager.default.currentDirectoryPath))
    }
}

struct Exec: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Run a command on the lab's jump host.",
        discussion:
            "Example: vlab exec pod1 -- ipmitool -I lanplus -H 192.168.20.203 -U root -P admin power status"
    )
    @OptionGroup var options: LabOptions
    @Argument(parsing: .postTerminator, help: "The command, after --.") var command: [String]

    func validate() throws {
        if command.isEmpty {
            throw ValidationError("Say what to run, for example: vlab exec pod1 -- ip address")
        }
    }

    func run() async throws { try Become.program(in: try options.running().supervisor, command) }
}

struct Virsh: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Run virsh on the lab's private libvirt.",
        discussion: "Example: vlab virsh pod1 -- list --all"
    )
    @OptionGroup var options: LabOptions
    @Argument(parsing: .captureForPassthrough, help: "What virsh is given.") var arguments: [String] = []

    func run() async throws {
        let (folder, pid) = try options.running()
        let given = arguments.first == "--" ? Array(arguments.dropFirst()) : arguments
        let uri = try LibvirtDaemon(folder: folder.path).uri
        try Become.program(in: pid, ["virsh", "--connect", uri] + given)
    }
}

struct SSH: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "ssh",
        abstract: "Log in to a node, as the engine would.",
        discussion: """
            Uses the key that vdeploy made for this lab where there is one, else your own keys and agent.
            Example: vlab ssh pod1 ctl01 -- uname -a
            """
    )
    @OptionGroup var options: LabOptions
    @Argument(help: "The node.") var node: String
    @Option(help: "The user to log in as.") var user = "root"
    @Option(name: .shortAndLong, help: "A private key.") var identity: String?
    @Argument(parsing: .postTerminator, help: "A command to run there, after --.") var command: [String] = []

    func run() async throws {
        let (folder, pid) = try options.running()
        let record = try LabRecord(contentsOf: folder)
        guard record.pod.node(named: node) != nil else {
            throw LabError(
                options.lab,
                "there is no node \(node)",
                hint: "its nodes are \(record.pod.nodes.map(\.name).joined(separator: ", "))"
            )
        }
        guard let network = record.pod.bootstrapNetwork ?? record.pod.networks.first,
            let address = record.pod.address(of: node, on: network)
        else { throw LabError(node, "the pod's files give it no address") }
        let own = ["\(folder.engine)/id_ed25519"].filter(FileManager.default.fileExists(atPath:))
        let keys = (identity.map { [$0] } ?? own).flatMap { ["-i", $0] }
        // Every installation makes a new host key; the network is the lab's own.
        let trust = [
            "-o", "StrictHostKeyChecking=no", "-o", "UserKnownHostsFile=/dev/null", "-o", "LogLevel=ERROR",
        ]
        try Become.program(in: pid, ["ssh"] + keys + trust + ["\(user)@\(address)"] + command)
    }
}
