import ArgumentParser
import Lab
import LabModel

struct Down: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "End a lab, alive or dead, and remove its machines and disks.",
        discussion: "Example: vlab down pod1"
    )
    @Argument(help: "The lab's name.") var lab: String

    func run() async throws {
        let clock = ContinuousClock.now
        let state = StateFolders()
        let folder = try LabFolder(name: lab, in: state)
        let launcher = LabLauncher(folder: folder, state: state, progress: Notes.progress(lab))
        guard try await launcher.down() else {
            print("\(lab): there is no such lab; nothing done")
            return
        }
        print("\(lab): down (\((ContinuousClock.now - clock).brief))")
    }
}
