import ArgumentParser
import Lab
import Sandbox

/// Which lab a command is about.
struct LabOptions: ParsableArguments {
    @Argument(help: "The lab's name: that of its pod, or the one given with --as.") var lab: String

    /// The lab, which must be up.
    func running() throws -> (folder: LabFolder, supervisor: Int32) {
        let folder = try LabFolder(name: lab, in: StateFolders())
        guard let pid = try SupervisorProcess.find(listeningAt: folder.controlSocket) else {
            let reason =
                folder.exists ? "the lab is dead: its supervisor does not run" : "there is no such lab"
            let hint =
                folder.exists ? "run: vlab down \(lab)" : "vlab list shows all; vlab up \(lab) makes it"
            throw LabError(lab, reason, hint: hint)
        }
        return (folder, pid)
    }

    func client() throws -> ControlClient { ControlClient(folder: try running().folder) }
}
