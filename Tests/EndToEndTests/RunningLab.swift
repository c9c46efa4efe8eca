import Foundation
import LabModel
import TestSupport
import Testing

/// A lab that was racked, as a user sees it, and its processes, as nobody needs to.
struct RunningLab {
    let name: String
    let workspace: Workspace
    /// PID 1 of its sandbox.
    let supervisor: HostProcess
    /// Those that the lab has and this process has not.
    let namespaces: Set<String>

    init(name: String, in workspace: Workspace) throws {
        (self.name, self.workspace) = (name, workspace)
        let own = try #require(HostProcess(getpid()))
        supervisor = try #require(
            try workspace.processes().first {
                $0.ids.count == 2 && $0.ids.last == 1 && $0.command.contains(name)
            },
            "the lab \(name) has no supervisor"
        )
        namespaces = supervisor.namespaces.subtracting(own.namespaces)
        // Network, mounts, processes, IPC and host name are always the lab's own.
        try #require(namespaces.count >= 5, "\(namespaces)")
    }

    var folder: String { "\(workspace.folder)/vlab/labs/\(name)" }

    /// Everything that runs in the lab.
    func processes() throws -> [HostProcess] {
        try HostProcess.all().filter { !$0.namespaces.isDisjoint(with: namespaces) }
    }

    func process(_ program: String, mentioning words: String = "") throws -> HostProcess {
        try #require(
            try processes().first { process in
                process.program.hasPrefix(program)
                    && (words.isEmpty || process.command.contains { $0.contains(words) })
            },
            "no \(program) \(words) runs in the lab \(name)"
        )
    }

    /// What is still there of the lab's processes and namespaces.
    func isGone() throws -> Bool { try processes().isEmpty }

    // MARK: - What a user asks

    /// Runs a command on the jump host.
    func exec(_ command: String..., within limit: Duration = .seconds(60)) async throws -> Command.Result {
        try await workspace.start(["exec", name, "--"] + command).end(within: limit)
    }

    /// Asks a node's BMC, as an engine would.
    func ipmitool(_ node: String, _ command: String) async throws -> Command.Result {
        let status = try await status()
        let address = try #require(status.node(node).bmc)
        let arguments = ["ipmitool", "-I", "lanplus", "-H", address, "-U", "root", "-P", "admin"]
        return try await workspace.start(
            ["exec", name, "--"] + arguments + command.split(separator: " ").map(String.init)
        ).end(within: .seconds(60))
    }

    /// Asks a node's BMC and expects an answer.
    @discardableResult
    func bmc(
        _ node: String,
        _ command: String,
        at location: SourceLocation = #_sourceLocation
    ) async throws -> String {
        let result = try await ipmitool(node, command)
        try #require(result.status == 0, "\(result)", sourceLocation: location)
        return result.output
    }

    func status() async throws -> StatusListing {
        let result = try await workspace.start(["status", name, "--format", "json"]).end(within: .seconds(60))
        return try JSONDecoder().decode(StatusListing.self, from: Data(result.output.utf8))
    }

    /// Waits until a node's power is on or off.
    func waitFor(_ node: String, _ power: PowerState, within limit: Duration = .seconds(60)) async throws {
        try await eventually("\(node) \(power)", within: limit) {
            try await status().node(node).power == power ? true : nil
        }
    }

    /// All that a node's console has said.
    func console(_ node: String) -> String {
        String(
            decoding: FileManager.default.contents(atPath: "\(folder)/consoles/\(node).log") ?? Data(),
            as: UTF8.self
        )
    }

    /// Waits until a console has said something, from a place in its text on.
    @discardableResult
    func console(
        _ node: String,
        says words: String,
        from start: Int = 0,
        within limit: Duration
    ) async throws
        -> String
    {
        try await eventually(
            "“\(words)” on the console of \(node)",
            within: limit,
            every: .milliseconds(100),
            seen: { String(console(node).suffix(1000)) }
        ) {
            let text = String(console(node).dropFirst(start))
            return text.contains(words) ? text : nil
        }
    }

    /// The lab's events so far.
    func events() throws -> [Event] { try Event.read("\(folder)/events.jsonl") }
}

/// What `vlab status --format json` says.
struct StatusListing: Decodable {
    struct Node: Decodable {
        var name: String
        var roles: [String]
        var power: PowerState
        var addresses: [String: String]
        var bmc: String?
        var linksDown: [String]
        var boots: Int
        var stage: String
        var lastLine: String
    }

    struct Part: Decodable {
        var name: String
        var isAlive: Bool
        var detail: String
    }

    var name: String
    var pod: String
    var nodes: [Node]
    var parts: [Part]

    func node(_ name: String) throws -> Node { try #require(nodes.first { $0.name == name }) }
    func part(_ name: String) throws -> Part { try #require(parts.first { $0.name == name }) }
}

/// One line of an events file.
struct Event: Decodable {
    var event: String
    var node: String?
    var time: String
    var details: [String: String]

    static func read(_ path: String) throws -> [Event] {
        try all(in: String(contentsOfFile: path, encoding: .utf8))
    }

    /// Of its whole lines: another one may just be written.
    static func all(in text: String) throws -> [Event] {
        try text.split(separator: "\n", omittingEmptySubsequences: false).dropLast().map {
            try JSONDecoder().decode(Event.self, from: Data($0.utf8))
        }
    }
}
