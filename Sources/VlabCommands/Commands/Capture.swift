import ArgumentParser
import Foundation
import Lab
import LabModel
import PodSpec
import Sandbox
import VirtualBMC

struct Capture: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract:
            "Write the files of a pod that somebody has: a lab's, or a deployment's by its own configuration.",
        discussion: """
            A lab's pod is written as it was racked, with every MAC, and with the addresses that its BMCs and nodes have \
            now, while it is up. An inventory of kolla-ansible's (globals.yml, group_vars and host_vars beside it are \
            read too) or the local.conf files of a DevStack say less than a pod needs: what was assumed is listed, on \
            standard error and as comments in the files.
            Examples:
              vlab capture pod1 -o pods/mine
              vlab capture --inventory multinode --to compass -o pods/theirs
              vlab capture --devstack controller/local.conf compute1/local.conf
            """
    )
    @Argument(help: "A lab's name.") var lab: String?
    @Option(help: "An inventory of kolla-ansible's, in the INI form.") var inventory: String?
    @Option(help: "Its globals.yml, if not beside the inventory.") var globals: String?
    @Option(help: "The folder with its hosts' variables, if not host_vars beside the inventory.")
    var hostVars: String?
    @Option(parsing: .upToNextOption, help: "DevStack's local.conf files, or folders with them.")
    var devstack: [String] = []
    @Option(help: "The pod's name; that of the lab's pod or of the folder that is written unless given.")
    var name: String?
    @Option(help: "vlab, compass, compass-old or pdf.") var to: PodTarget = .vlab
    @Option(name: .shortAndLong, help: "The folder to write into; standard output if there is none.")
    var output: String?
    @Flag(help: "Overwrite files that are there.") var force = false
    @Option(help: "table or json.") var format: OutputFormat = .table

    func validate() throws {
        guard [lab != nil, inventory != nil, !devstack.isEmpty].count(where: { $0 }) == 1 else {
            throw ValidationError("Name a lab, an --inventory or --devstack files, one of the three.")
        }
        if inventory == nil, globals != nil || hostVars != nil {
            throw ValidationError("--globals and --host-vars go with --inventory.")
        }
    }

    func run() async throws {
        let (captured, source) = try await capture()
        for problem in captured.diagnostics { Notes.say("\(problem)") }
        if captured.diagnostics.contains(where: { $0.severity == .error }) { throw ExitCode(1) }
        let conversion = try PodErrors.exit1 {
            try PodConversion(of: captured.pod, to: to, header: captured.header(from: source))
        }
        if let output { try PodFolderWriting(output, force: force).write(conversion.files) }
        let items = captured.items + conversion.items
        let report = Report(target: to, files: conversion.files, items: items)
        try ConversionText(items: items, files: conversion.files).show(report, in: output, as: format)
    }

    /// Nothing when the lab is not up.
    private func seen(in folder: LabFolder) async throws -> SeenAddresses {
        guard try SupervisorProcess.find(listeningAt: folder.controlSocket) != nil else {
            return SeenAddresses()
        }
        let client = ControlClient(folder: folder)
        let bmcs = try await client.bmcs().compactMap { bmc in
            IPv4Address(bmc.address).map { (bmc.node, $0) }
        }
        return SeenAddresses(
            bmcs: Dictionary(bmcs) { first, _ in first },
            neighbours: try await client.neighbours()
        )
    }

    private struct Report: Encodable {
        var target: PodTarget
        var files: [WrittenFile]
        var items: [ConversionItem]
    }

    /// The pod, and what it is from, without the way there.
    private func capture() async throws -> (CapturedPod, String) {
        if let lab {
            let folder = try LabFolder(name: lab, in: StateFolders())
            guard folder.exists else {
                let hint = "vlab list shows all; vlab up \(lab) makes it"
                throw LabError(lab, "there is no such lab", hint: hint)
            }
            var pod = try LabRecord(contentsOf: folder).pod
            if let name { pod.name = name }
            return (CapturedPod(racked: pod, seen: try await seen(in: folder)), "the lab \(lab)")
        }
        let folder = output.map { URL(fileURLWithPath: $0).standardizedFileURL.lastPathComponent }
        let name = name ?? folder ?? "captured"
        return try PodErrors.exit1 {
            if let inventory {
                let found = try KollaInventory(
                    inventory: inventory,
                    globals: globals,
                    hostVariables: hostVars
                )
                return (
                    try found.capture(name: name), URL(fileURLWithPath: inventory).lastPathComponent
                )
            }
            return (
                try DevStackSet(devstack).capture(name: name), devstack.count.of("DevStack file")
            )
        }
    }
}
