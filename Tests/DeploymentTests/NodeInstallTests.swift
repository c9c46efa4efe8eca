import Deployment
import LabModel
import Testing

@Suite("A node's installation")
struct NodeInstallTests {
    private let policy: Policy
    private let gambia: Policy

    init() throws {
        policy = try PolicyReader.read(try PolicyReader.text(of: "default"), file: "default")
        gambia = try PolicyReader.read(try PolicyReader.text(of: "compass-gambia"), file: "compass-gambia")
    }

    private func downloading(_ policy: Policy) -> NodeInstall {
        var node = NodeInstall(policy: policy, at: .zero)
        _ = node.receive(.powered, at: .zero)
        _ = node.receive(.askedForBootScript, at: .seconds(1))
        _ = node.receive(.reported(.init(.start)), at: .seconds(2))
        _ = node.receive(.reported(.init(.download, percent: 10)), at: .seconds(3))
        return node
    }

    @Test("boots the installer until it is done, then the disk, and never the installer again by itself")
    func bootsOnce() {
        var node = downloading(policy)
        #expect(node.bootsInstaller)
        #expect(node.receive(.reported(.init(.done)), at: .seconds(9)).contains(.installed))
        #expect(!node.bootsInstaller)
        #expect(node.receive(.askedForBootScript, at: .seconds(10)) == [.say("boots from its disk")])
        #expect(node.receive(.answered, at: .seconds(11)) == [.ready])
        #expect(node.receive(.askedForBootScript, at: .seconds(12)) == [.say("boots from its disk")])
        #expect(node.phase == .ready)
    }

    @Test("that is stuck at its clock is repeated without a time server")
    func stuckClock() {
        var node = NodeInstall(policy: policy, at: .zero)
        _ = node.receive(.powered, at: .zero)
        _ = node.receive(.reported(.init(.clock)), at: .seconds(1))
        #expect(node.receive(.checked, at: .seconds(31)).isEmpty)
        let actions = node.receive(.checked, at: .seconds(32))
        #expect(actions == [.recover(.reinstall, why: "stuck at its clock for 31.0s")])
        #expect(!node.ntp)
        #expect(node.phase == .recovering(.reinstall))
    }

    @Test("that makes progress is left alone, however slow it is")
    func slow() {
        var node = downloading(policy)
        for percent in 11...90 {
            let now = Duration.seconds((percent - 10) * 170)
            #expect(node.receive(.checked, at: now - .seconds(1)).isEmpty)
            _ = node.receive(.reported(.init(.download, percent: percent)), at: now)
        }
        #expect(node.phase == .installing(.download))
    }

    @Test("that repeats the same report makes no progress")
    func repeats() {
        var node = downloading(policy)
        _ = node.receive(.reported(.init(.download, percent: 10)), at: .seconds(100))
        #expect(!node.receive(.checked, at: .seconds(184)).isEmpty)
    }

    @Test("ends when its recoveries are used up")
    func recoveries() {
        var node = NodeInstall(policy: policy, at: .zero)
        _ = node.receive(.powered, at: .zero)
        var now = Duration.zero
        var recovered = 0
        for _ in 0..<20 {
            now += .seconds(200)
            for case .recover in node.receive(.checked, at: now) { recovered += 1 }
            _ = node.receive(.powered, at: now)
        }
        #expect(recovered == policy.install.recoveries)
        guard case .failed(let why) = node.phase else { return #expect(Bool(false), "\(node.phase)") }
        #expect(why.hasSuffix("and 4 recoveries are used up"))
    }

    @Test("of a node that stays silent after it reboots it first, then installs it again")
    func silentAfterwards() {
        var node = downloading(policy)
        _ = node.receive(.reported(.init(.done)), at: .seconds(9))
        #expect(node.receive(.checked, at: .seconds(200)).first.map(isReboot) == true)
        #expect(!node.bootsInstaller)
        _ = node.receive(.powered, at: .seconds(201))
        let again = node.receive(.checked, at: .seconds(400))
        guard case .recover(.reinstall, _) = again.first else { return #expect(Bool(false), "\(again)") }
        #expect(node.bootsInstaller)
    }

    private func isReboot(_ action: NodeInstall.Action) -> Bool {
        if case .recover(.reboot, _) = action { true } else { false }
    }

    @Test("ignores the last words of an installer that is being switched off")
    func lastWords() {
        var node = downloading(policy)
        _ = node.receive(.checked, at: .seconds(300))
        #expect(node.phase == .recovering(.reinstall))
        #expect(node.receive(.reported(.init(.done)), at: .seconds(301)).isEmpty)
        #expect(node.bootsInstaller)
    }

    @Test("of compass-gambia counts the looks for the image down and gives up with Compass4nfv's words")
    func prestage() {
        var node = downloading(gambia)
        _ = node.receive(.reported(.init(.failed, detail: "stalled")), at: .seconds(303))
        var said: [NodeInstall.Action] = []
        for second in 4...700 { said += node.receive(.checked, at: .seconds(second)) }
        let task = "Ensure image has been pre-staged"
        #expect(said.first == .say("FAILED - RETRYING: \(task) (120 retries left)."))
        #expect(
            said.suffix(2) == [
                .say("FAILED - RETRYING: \(task) (1 retries left)."),
                .gaveUp("\(task): not there after 120 looks"),
            ]
        )
        #expect(node.recoveries == 0)
    }

    @Test("of compass-gambia waits for ever at the clock")
    func waits() {
        var node = NodeInstall(policy: gambia, at: .zero)
        _ = node.receive(.powered, at: .zero)
        _ = node.receive(.reported(.init(.clock)), at: .seconds(1))
        #expect(node.receive(.checked, at: .seconds(1_000_000)).isEmpty)
    }
}
