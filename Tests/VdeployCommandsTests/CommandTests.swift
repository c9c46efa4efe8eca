import ArgumentParser
import Foundation
import LabModel
import PodSpec
import Testing

@testable import Deployment
@testable import VdeployCommands

@Suite("The command line of vdeploy")
struct CommandTests {
    private let good = [
        "deploy", "pod", "--work", "w", "--mirror", "http://m",
    ]

    @Test("takes the contract's options")
    func parses() throws {
        let more = [
            "--mirror", "http://b:8080/x", "--policy", "compass-gambia", "--ntp-server", "10.20.0.1",
            "--pace", "20",
        ]
        let deploy = try #require(try Vdeploy.parseAsRoot(good + more) as? Deploy)
        #expect(deploy.mirrors == ["http://m", "http://b:8080/x"])
        #expect(deploy.policy == "compass-gambia")
        #expect(deploy.ntpServer == "10.20.0.1")
        #expect(deploy.pace == 20)
        let plain = try #require(try Vdeploy.parseAsRoot(good) as? Deploy)
        #expect((plain.policy, plain.ntpServer, plain.pace) == ("default", "pool.ntp.org", 1))
    }

    @Test(
        "refuses wrong usage with status 64",
        arguments: [
            ["--mirror", "mirror-a"], ["--mirror", "ftp://m"], ["--pace", "0.5"], ["--pace", "fast"],
            ["--ntp-server", "a b"], ["--ntp-server", "$(id)"], ["--nework", "x"],
        ]
    )
    func refuses(arguments: [String]) {
        let error = #expect(throws: (any Error).self) { try Vdeploy.parseAsRoot(good + arguments) }
        #expect(error.map { Vdeploy.exitCode(for: $0).rawValue } == 64)
    }

    @Test("needs a mirror")
    func mirror() {
        let error = #expect(throws: (any Error).self) { try Vdeploy.parseAsRoot(Array(good.dropLast(2))) }
        #expect(error.map { Vdeploy.exitCode(for: $0).rawValue } == 64)
    }

    @Test("exits as the contract says")
    func status() {
        #expect(Console.status(of: DeployError("x")) == 1)
        #expect(Console.status(of: DeployError("x", kind: .usage)) == 64)
        #expect(Console.status(of: DeployError("x", kind: .badInput)) == 65)
        #expect(Console.status(of: Diagnostics([])) == 65)
        #expect(Console.status(of: CocoaError(.fileNoSuchFile)) == 1)
    }

    @Test("writes lines of time, stage, node and message")
    func line() throws {
        var calendar = Calendar(identifier: .gregorian)
        calendar.timeZone = try #require(TimeZone(secondsFromGMT: 0))
        let time = Date(timeIntervalSince1970: 3 * 3600 + 4 * 60 + 5)
        let whole = LogLine(time: time, stage: .install, node: "ctl01", message: "download 40%")
        #expect(whole.text(in: calendar) == "03:04:05 install ctl01 download 40%")
        let bare = LogLine(time: time, stage: nil, node: nil, message: "begins")
        #expect(bare.text(in: calendar) == "03:04:05 - - begins")
    }

    @Test("shows how far a deployment is")
    func table() {
        let time = Date(timeIntervalSince1970: 0)
        let progress = DeployProgress([
            JournalEntry(.begun, at: time),
            JournalEntry(.stageFinished, at: time, stage: .validate),
            JournalEntry(.stageStarted, at: time, stage: .install),
            JournalEntry(.attempt, at: time, node: "ctl01", attempt: 2, ntp: false),
            JournalEntry(.recovery, at: time, node: "ctl01", step: "reinstall"),
            JournalEntry(.stepFinished, at: time, stage: .power, node: "cmp001", step: "powered"),
            JournalEntry(.failed, at: time, detail: "OS installation timeout"),
        ])
        #expect(
            StatusTable(progress).text == """
                failed in install: OS installation timeout
                stages done: validate
                NODE    INSTALLS  RECOVERIES  DONE
                cmp001  0         0           power/powered
                ctl01   2         1           \("")
                """
        )
        #expect(StatusTable(DeployProgress()).text == "running\nstages done: none")
    }
}

@Suite("A deployment that cannot begin")
struct RefusedDeploymentTests {
    private func begin(network: String, dha: String, work: String) throws -> Engine {
        let request = DeployRequest(pod: PodFiles(network: network, dha: dha), mirrors: ["http://m"])
        return try Engine(work: work, request: request, world: .live(work: work)) { _ in }
    }

    @Test("for wrong pod files leaves no work folder behind")
    func wrongFiles() throws {
        let work = "\(NSTemporaryDirectory())/vdeploy-\(UUID().uuidString)"
        let error = #expect(throws: Diagnostics.self) {
            try begin(network: "/nowhere/network.yml", dha: "/nowhere/dha.yml", work: work)
        }
        #expect(error?.all.count == 2)
        #expect(!FileManager.default.fileExists(atPath: work))
    }

    @Test("because there is none to resume says how to begin one")
    func nothingToResume() {
        let error = #expect(throws: DeployError.self) {
            try Engine(resuming: "/nowhere", world: .live(work: "/nowhere")) { _ in }
        }
        #expect(error?.kind == .usage)
        #expect(error?.hint?.contains("vdeploy deploy") == true)
    }
}
