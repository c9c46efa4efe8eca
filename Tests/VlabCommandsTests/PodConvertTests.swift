import ArgumentParser
import Foundation
import Lab
import LabModel
import PodSpec
import TestSupport
import Testing

@testable import VlabCommands

@Suite("What vlab pod convert and vlab capture write")
struct PodConvertTests {
    private static let pods = "\(Project.folder)/Scenarios/pods"

    @Test("is a pod's folder, with the schemas of vlab's own files, and overwrites nothing unless told to")
    func folder() async throws {
        try await withScratchFolder { scratch in
            let folder = "\(scratch)/pod-x"
            let arguments = ["\(Self.pods)/pod-duo", "--to", "vlab", "-o", folder]
            try await PodConvert.parse(arguments).run()
            let names = try FileManager.default.contentsOfDirectory(atPath: folder).sorted()
            #expect(names == ["lab.schema.json", "lab.yml", "pod.schema.json", "pod.yml"])
            let text = try String(contentsOfFile: "\(folder)/pod.yml", encoding: .utf8)
            #expect(text.hasPrefix("# yaml-language-server: $schema=pod.schema.json\n"))
            #expect(try PodReader.read(PodFiles.locate(folder)).0.name == "pod-duo")
            try "mine".write(toFile: "\(folder)/pod.yml", atomically: true, encoding: .utf8)
            let refused = await #expect(throws: ExitCode.self) { try await PodConvert.parse(arguments).run() }
            #expect(refused?.rawValue == 1)
            #expect(try String(contentsOfFile: "\(folder)/pod.yml", encoding: .utf8) == "mine")
            try await PodConvert.parse(arguments + ["--force"]).run()
            #expect(try String(contentsOfFile: "\(folder)/pod.yml", encoding: .utf8) == text)
        }
    }

    @Test("is nothing under --strict when something is lost")
    func strict() async throws {
        try await withScratchFolder { scratch in
            let folder = "\(scratch)/pod-x"
            let arguments = ["\(Self.pods)/pod1", "--to", "pdf", "--strict", "-o", folder]
            let refused = await #expect(throws: ExitCode.self) { try await PodConvert.parse(arguments).run() }
            #expect(refused?.rawValue == 1 && !FileManager.default.fileExists(atPath: folder))
        }
    }

    @Test("is written where it can be, or the command says why not")
    func unwritable() async throws {
        let pod = "\(Self.pods)/pod1"
        try await withScratchFolder { scratch in
            try "".write(toFile: "\(scratch)/file", atomically: true, encoding: .utf8)
            let svg = await #expect(throws: LabError.self) {
                try await PodDraw.parse([pod, "--svg", "\(scratch)/none/x.svg"]).run()
            }
            let hint = "name another place"
            #expect(
                svg?.description
                    == "\(scratch)/none/x.svg: cannot be written: No such file or directory; \(hint)"
            )
            for folder in ["file", "file/below"] {
                let path = "\(scratch)/\(folder)"
                let error = await #expect(throws: LabError.self) {
                    try await PodConvert.parse([pod, "--to", "vlab", "-o", path]).run()
                }
                #expect(error?.description.hasPrefix("\(path): cannot be written: ") == true)
                #expect(error?.description.contains("NSCocoaErrorDomain") == false)
            }
        }
    }

    @Test("is captured from one source, and from no more")
    func sources() async throws {
        for arguments in [[], ["pod1", "--inventory", "hosts"], ["pod1", "--globals", "globals.yml"]] {
            #expect(throws: (any Error).self) { try Capture.parse(arguments) }
        }
        let fixtures = "\(Project.folder)/Tests/PodSpecTests/Fixtures"
        try await withScratchFolder { scratch in
            let folder = "\(scratch)/theirs"
            let arguments = ["--devstack", "\(fixtures)/devstack", "--to", "compass", "-o", folder]
            try await Capture.parse(arguments).run()
            let (pod, _) = try PodReader.read(PodFiles.locate(folder))
            #expect(pod.name == "theirs" && pod.nodes.count == 3)
            let text = try String(contentsOfFile: "\(folder)/network.yml", encoding: .utf8)
            #expect(text.hasPrefix("# Captured from 1 DevStack file.\n# assumed: "))
        }
    }
}
