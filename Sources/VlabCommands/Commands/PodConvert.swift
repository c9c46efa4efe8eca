import ArgumentParser
import Foundation
import LabModel
import PodSpec

struct PodConvert: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "convert",
        abstract: "Write a pod in another format, and say item by item what that format cannot say.",
        discussion: """
            Formats: vlab (pod.yml), compass and compass-old (network.yml and dha.yml), pdf (OPNFV's PDF and IDF).
            A lab.yml goes along. What is written is read back and compared: what differs is listed on standard \
            error, as is what the format wants and the files do not say. Ends with 0, with 1 under --strict when \
            something is lost, and with 1 when the format cannot have the pod at all. No file is overwritten.
            Examples:
              vlab pod convert pod1 --to vlab
              vlab pod convert pharos/lf/*pod4.yaml --to compass -o pods/lf-pod4 --strict
            """
    )
    @Argument(help: "The pod's name, its folder, or its files.") var files: [String]
    @Option(help: "vlab, compass, compass-old or pdf.") var to: PodTarget
    @Option(name: .shortAndLong, help: "The folder to write into; standard output if there is none.")
    var output: String?
    @Flag(help: "Overwrite files that are there.") var force = false
    @Flag(help: "End with 1 when something is lost.") var strict = false
    @Option(help: "table or json.") var format: OutputFormat = .table

    func run() async throws {
        let entry = try WholePod.entry(files)
        let conversion = try PodErrors.exit1 { try PodConversion(of: entry, to: to) }
        let isRefused = strict && !conversion.losses.isEmpty
        if let output, !isRefused { try PodFolderWriting(output, force: force).write(conversion.files) }
        let text = ConversionText(items: conversion.items, files: isRefused ? [] : conversion.files)
        try text.show(conversion, in: output, as: format)
        if isRefused { throw ExitCode(1) }
    }
}

/// Files that are wrong end a command that only looks at them with 1.
enum PodErrors {
    static func exit1<Result>(_ body: () throws -> Result) throws -> Result {
        do {
            return try body()
        } catch {
            Notes.say("\(error)")
            throw ExitCode(1)
        }
    }
}

extension PodTarget: ExpressibleByArgument {}

/// A folder that gets a pod's files.
struct PodFolderWriting {
    let folder: String
    let force: Bool

    init(_ folder: String, force: Bool) { (self.folder, self.force) = (folder, force) }

    /// All of them, with the schemas of vlab's own, or none when one is there already.
    func write(_ files: [WrittenFile]) throws {
        let there = files.map { "\(folder)/\($0.name)" }.filter { FileManager.default.fileExists(atPath: $0) }
        guard there.isEmpty || force else {
            Notes.say(
                "\(there.joined(separator: ", ")): there already, nothing written; overwrite with --force"
            )
            throw ExitCode(1)
        }
        try WrittenOutput.makeFolder(folder)
        for file in files {
            try WrittenOutput.write(file.textBesideSchema, to: "\(folder)/\(file.name)")
            guard let schema = file.schema else { continue }
            try WrittenOutput.write(schema.text, to: "\(folder)/\(schema.name)")
        }
    }
}

struct PodSchemaCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "schema",
        abstract: "Print the JSON schema of pod.yml or of lab.yml, for editors and validators.",
        discussion: """
            An editor with yaml-language-server takes it from the file's first line,
            # yaml-language-server: $schema=pod.schema.json
            Example: vlab pod schema pod > pod.schema.json
            """
    )
    @Argument(help: "pod or lab.") var schema: PodSchema

    func run() async throws { print(schema.text, terminator: "") }
}

extension PodSchema: ExpressibleByArgument {}
