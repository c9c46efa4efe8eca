import Lab
import LabModel
import Uplink

/// The lab's side of its way out: holds on to the helper outside, and notices when it dies.
actor UplinkKeeper {
    private let client: UplinkClient
    private let lab: Lab
    private let use: @Sendable (UplinkMode) -> Void
    private let links: AsyncStream<UplinkLink>
    private let joined: AsyncStream<UplinkLink>.Continuation
    private var link: UplinkLink?
    private(set) var mode = UplinkMode.none

    /// `use` is told what the way out is for, at each change.
    init(_ lab: Lab, _ client: UplinkClient, use: @escaping @Sendable (UplinkMode) -> Void) {
        (self.lab, self.client, self.use) = (lab, client, use)
        (links, joined) = AsyncStream.makeStream()
    }

    /// Until cancelled.
    func run() async {
        await withDiscardingTaskGroup { group in
            for await link in links { group.addTask { await self.watch(link) } }
            group.cancelAll()
        }
    }

    /// From the next request on; the helper must run for a mode that needs one, and ends after any other.
    func set(_ mode: UplinkMode) async throws {
        guard mode != self.mode || (mode.reachesOut && link == nil) else { return }
        if mode.reachesOut, link == nil {
            let link = try await client.join()
            self.link = link
            joined.yield(link)
        } else if !mode.reachesOut {
            link?.leave()
            link = nil
        }
        self.mode = mode
        use(mode)
        lab.note(LabStatus.Part(name: LabUplink.part, isAlive: true, detail: mode.rawValue))
    }

    private func watch(_ watched: UplinkLink) async {
        // One that was let go of is no loss.
        guard await watched.untilLost(), link === watched else { return }
        link = nil
        let reason = "its helper outside has ended"
        lab.events.emit(LabEvent("uplink.lost", ["mode": mode.rawValue, "reason": reason]))
        let hint = "start it with: vlab net \(lab.name) uplink \(mode.rawValue)"
        lab.note(LabStatus.Part(name: LabUplink.part, isAlive: false, detail: "\(reason); \(hint)"))
    }
}
