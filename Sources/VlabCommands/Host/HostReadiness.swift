import Foundation
import Glibc
import Images
import Lab
import LabModel
import Sandbox

/// Whether this host has all that vlab needs, for whoever asks and before a lab is made.
struct HostReadiness {
    private let state: StateFolders
    private let checks = HostChecks()

    init(_ state: StateFolders) { self.state = state }

    /// Room for both images, their packages and their building.
    private static let diskOfImages = Memory.gibibytes(1)
    /// The pod that the demonstration racks.
    private static let demonstration = 5

    /// Everything, the costly things too.
    func all() async -> [HostCheck] {
        let engine = HostPart.ofEngine + HostPart.ofCommands
        var all = await checks.quick() + engine.map { $0.check(isRoot: checks.isRoot) } + images()
        if all.contains(where: { $0.subject == "namespaces" && $0.outcome == .ok }) {
            all += await checks.kernel()
        }
        all += [
            space(nodes: Self.demonstration),
            checks.space(
                for: "images",
                at: state.cache,
                needed: hasImages ? .mebibytes(50) : Self.diskOfImages
            ),
            checks.memory(forNodes: Self.demonstration, each: .mebibytes(384)), await accelerator(),
        ]
        return all
    }

    /// Throws all that keeps a pod from being racked; nothing has been made then.
    func require(for pod: Pod, lab: String) async throws {
        let lacks = (await checks.quick() + [space(nodes: pod.nodes.count)]).filter { $0.outcome == .lacks }
        guard lacks.isEmpty else {
            throw LabError(
                lab,
                "this host cannot rack it: " + lacks.map(\.complaint).joined(separator: "\n  "),
                hint: "vlab doctor checks the whole host"
            )
        }
    }

    private func space(nodes: Int) -> HostCheck {
        let needed = Memory(bytes: UInt64(nodes) * HostChecks.diskOfNode.bytes)
        return checks.space(for: "a lab of \(nodes) nodes", at: state.labs, needed: needed)
    }

    private func images() -> [HostCheck] {
        HostProgram.required.map {
            let places = $0.name.hasPrefix("/") ? [$0.name] : []
            return HostPart($0.name, package: $0.aptPackage, for: "vlab image build", places: places)
                .check(isRoot: checks.isRoot)
        }
    }

    private var hasImages: Bool {
        ["installer", "micro"].allSatisfy {
            FileManager.default.fileExists(atPath: "\(state.images)/\($0)/current/manifest.json")
        }
    }

    private func accelerator() async -> HostCheck {
        do {
            let store = try ImageCommand.store(in: state)
            if let choice = try await HostAccelerator(state).settle(in: store, progress: { _ in }) {
                return .ok("accelerator", "\(choice)")
            }
            return .ok(
                "accelerator",
                "\(HostAccelerator(state).forMachines())",
                remedy: "vlab image build"
            )
        } catch {
            return .lacks("accelerator", "\(error)", remedy: "vlab image build")
        }
    }
}
