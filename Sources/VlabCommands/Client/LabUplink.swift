import Foundation
import Lab
import LabModel
import Sandbox
import Subprocess
import Uplink

/// A lab's way out, from outside its sandbox: starts the helper there, and tells the lab what to use it for.
struct LabUplink {
    /// Its name among the lab's parts.
    static let part = "uplink"

    let folder: LabFolder
    let state: StateFolders

    /// Changes the way out of a lab that is up; the lab remembers it.
    ///
    /// Connections that were made go on.
    func set(_ settings: UplinkSettings) async throws {
        for text in settings.connectTo where ConnectTo(text) == nil {
            throw LabError("--connect-to \(text)", "it is not HOST:PORT:ADDRESS:PORT")
        }
        var record = try LabRecord(contentsOf: folder)
        let old = record.uplink ?? UplinkSettings()
        record.uplink = settings
        try JSONEncoder().encode(record).write(to: URL(fileURLWithPath: folder.record), options: .atomic)
        // Where the helper is to go is its command line's: another one takes another helper.
        if old.connectTo != settings.connectTo { try await apply(UplinkMode.none) }
        try await apply(settings)
    }

    /// Makes the way out as the lab remembers it: after its start, and when its helper has died.
    func restore() async throws {
        if let settings = try LabRecord(contentsOf: folder).uplink { try await apply(settings) }
    }

    /// Ends the helper of a lab that has ended.
    func end() async throws {
        guard let helper = try helper else { return }
        try await SupervisorProcess.kill(helper)
    }

    private var helper: Int32? { get throws { try SupervisorProcess.find(listeningAt: folder.uplinkSocket) } }

    private func apply(_ settings: UplinkSettings) async throws {
        guard settings.mode.reachesOut, try helper == nil else { return try await apply(settings.mode) }
        let log = try SupervisorLog(uplink: folder.uplinkLog).lock()
        let targets = settings.connectTo.flatMap { ["--connect-to", $0] }
        // As the supervisor it outlives this process; it ends by itself when the lab does not take it in.
        try await BackgroundProgram(state: state, log: log).start(
            ["setsid", "--fork", LabLauncher.program, "serve-uplink", folder.name] + targets,
            input: .none,
            progress: { _ in }
        ) {}
        try await apply(settings.mode)
    }

    private func apply(_ mode: UplinkMode) async throws {
        try await ControlClient(folder: folder).setUplink(mode)
        guard !mode.reachesOut, let helper = try helper else { return }
        // The lab has let go of it.
        try await SupervisorProcess.waitUntilGone(helper, within: .seconds(20))
    }
}
