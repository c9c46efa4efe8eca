import Crypto
import Deployment
import Foundation
import LabModel

/// A pod in memory whose BMCs, nodes and mirrors fail as a seed says: the engine's whole outside world.
actor FlakyPod {
    /// What is wrong with this pod.
    struct Weakness: Sendable {
        var refusesPower = 0.0
        var deadBMC = 0.0
        var staysOff = 0.0
        var deafToPXE = 0.0
        var silentTime = false
        var stuck = 0.0
        var failsInstall = 0.0
        var failsBoot = 0.0
        var failsShell = 0.0
        var failsFetch = 0.0
        var brokenLink = 0.0

        static func random(_ generator: inout SeededGenerator) -> Weakness {
            var weak = Weakness()
            let level: Double = [0.0, 0.05, 0.2, 0.5].randomElement(using: &generator) ?? 0.0
            func some(_ generator: inout SeededGenerator) -> Double { generator.chance(0.5) ? level : 0.0 }
            weak.refusesPower = some(&generator)
            weak.deadBMC = some(&generator) / 4
            weak.staysOff = some(&generator)
            weak.deafToPXE = some(&generator)
            weak.silentTime = generator.chance(0.3)
            weak.stuck = some(&generator) / 3
            weak.failsInstall = some(&generator)
            weak.failsBoot = some(&generator)
            weak.failsShell = some(&generator) / 2
            weak.failsFetch = some(&generator)
            weak.brokenLink = some(&generator) / 10
            return weak
        }
    }

    struct Machine: Sendable {
        enum Doing: Sendable, Equatable {
            case off
            case booting
            case installing(InstallReport.Stage, ntp: Bool)
            case hanging
            case up
        }
        var node: Node
        var doing = Doing.off
        var since = Duration.zero
        var bootsPXE = false
        var hasSystem = false
        var hasAddresses = false
        var hasServices = false
        var deadBMC = false
        var brokenLink = false
        /// How often the installer ran to its end, and how often it began.
        var installed = 0
        var begun = 0
        var powerCommands = 0
        /// Whether the last look from here found everything in order.
        var verified = false
    }

    private var generator: SeededGenerator
    private let weakness: Weakness
    private(set) var machines: [String: Machine] = [:]
    private var desk: InstallDesk?
    private var calls = 0
    /// At this call of a seam the engine is killed.
    private var killAt: Int?
    private var kill: (@Sendable () -> Void)?
    private(set) var time = Duration.zero

    init(seed: UInt64, weakness: Weakness? = nil) {
        var generator = SeededGenerator(seed: seed)
        self.weakness = weakness ?? .random(&generator)
        self.generator = generator
    }

    func killEngine(at call: Int, _ kill: @escaping @Sendable () -> Void) {
        (killAt, self.kill, calls) = (call, kill, 0)
    }

    private func count() {
        calls += 1
        guard let killAt, calls >= killAt else { return }
        kill?()
    }

    func rack(_ pod: Pod) {
        for node in pod.nodes where machines[node.name] == nil {
            var machine = Machine(node: node)
            machine.deadBMC = generator.chance(weakness.deadBMC)
            machine.brokenLink = generator.chance(weakness.brokenLink)
            machines[node.name] = machine
        }
    }

    // MARK: - BMC

    func perform(_ command: PowerCommand, on bmc: BMCAccess) -> PowerAnswer {
        count()
        guard var machine = machines.values.first(where: { $0.node.bmc == bmc }) else {
            return .refused("no such BMC")
        }
        defer { machines[machine.node.name] = machine }
        machine.powerCommands += 1
        if machine.deadBMC { return .refused("no answer") }
        if generator.chance(weakness.refusesPower) { return .refused("busy") }
        let isOn = machine.doing != .off
        switch command {
        case .status: return .power(isOn ? .on : .off)
        case .bootPXE: machine.bootsPXE = true
        case .bootDisk: machine.bootsPXE = false
        case .powerReset where !isOn: return .refused("it is off")
        case .powerOn where isOn: return .done
        case .powerOn, .powerReset:
            if generator.chance(weakness.staysOff) {
                machine.doing = .off
            } else {
                (machine.doing, machine.since) = (.booting, time)
            }
        }
        return .done
    }

    // MARK: - Nodes

    func advance(to now: Duration) async {
        time = max(time, now)
        for name in machines.keys.sorted() { await step(name) }
    }

    private func step(_ name: String) async {
        guard var machine = machines[name], time - machine.since >= .seconds(2),
            let mac = machine.node.nic(named: "eth0")?.mac
        else { return }
        machine.since = time
        switch machine.doing {
        case .off, .hanging, .up: return
        case .booting: await boot(&machine, mac)
        case .installing(let stage, let ntp): await install(&machine, mac, stage, ntp: ntp)
        }
        // A power command may have come while the engine was asked.
        guard machines[name]?.powerCommands == machine.powerCommands else { return }
        machines[name] = machine
    }

    private func boot(_ machine: inout Machine, _ mac: MACAddress) async {
        let fromNetwork = machine.bootsPXE || !machine.hasSystem
        machine.bootsPXE = false
        guard fromNetwork else { return up(&machine) }
        // An engine that is gone answers nobody.
        guard !generator.chance(weakness.deafToPXE), let desk,
            let script = try? await desk.bootScript(for: mac)
        else { return machine.doing = .hanging }
        guard script.contains("vmlinuz") else { return up(&machine) }
        // As above.
        guard let text = try? await desk.configuration(for: mac) else { return machine.doing = .hanging }
        machine.begun += 1
        machine.doing = .installing(.start, ntp: text.contains("NTP=yes"))
    }

    private func up(_ machine: inout Machine) {
        machine.doing = machine.hasSystem && !generator.chance(weakness.failsBoot) ? .up : .hanging
    }

    private func install(
        _ machine: inout Machine,
        _ mac: MACAddress,
        _ stage: InstallReport.Stage,
        ntp: Bool
    ) async {
        guard let desk else { return }
        let failed = stage == .download && generator.chance(weakness.failsInstall)
        let report = InstallReport(failed ? .failed : stage, detail: failed ? "download" : "")
        // A report that does not arrive is lost; the last one is repeated until it does.
        let heard = (try? await desk.report(report, from: mac)) ?? false
        if failed { return machine.doing = .hanging }
        if stage == .clock, ntp, weakness.silentTime { return machine.doing = .hanging }
        if generator.chance(weakness.stuck) { return machine.doing = .hanging }
        let order: [InstallReport.Stage] = [
            .start, .clock, .partition, .download, .verify, .write, .finish, .done,
        ]
        if stage == .done {
            guard heard else { return }
            machine.hasSystem = true
            machine.installed += 1
            (machine.hasAddresses, machine.hasServices) = (false, false)
            machine.doing = .booting
        } else if let place = order.firstIndex(of: stage) {
            machine.doing = .installing(order[place + 1], ntp: ntp)
        }
    }

    // MARK: - Shell

    func run(_ script: NodeScript, on address: IPv4Address) throws -> ShellOutcome {
        count()
        let position = Int(address.bits & 0xFF) - 50
        guard var machine = machines.values.first(where: { $0.node.name == names[position] }),
            machine.doing == .up
        else { throw DeployError("no route to \(address)") }
        defer { machines[machine.node.name] = machine }
        if generator.chance(weakness.failsShell) { throw DeployError("connection lost") }
        switch script.name {
        case .greet: return ShellOutcome(status: 0, output: machine.node.name + "\n")
        case .network: machine.hasAddresses = true
        case .ntp: return ShellOutcome(status: weakness.silentTime ? 143 : 0)
        case .readClock:
            return ShellOutcome(status: 0, output: "\(1_700_000_000 + Int(time / .seconds(1))).%N\n")
        case .setClock, .package: break
        case .role: machine.hasServices = true
        case .verify:
            let output = verify(script.text)
            machine.verified = !output.contains("no answer")
            return ShellOutcome(status: 0, output: output)
        }
        return ShellOutcome(status: 0)
    }

    private var names: [String] { order }
    private var order: [String] = []
    func name(_ nodes: [String]) { order = nodes }

    private func verify(_ text: String) -> String {
        let isWhole = machines.values.allSatisfy {
            $0.doing == .up && $0.hasAddresses && $0.hasServices && !$0.brokenLink
        }
        let numbers = text.split(separator: "\n").compactMap { line -> Substring? in
            let words = line.split(separator: " ")
            return ["ping_one", "service"].contains(words.first) && words.last == "&" ? words[1] : nil
        }
        return numbers.map { "\($0) \(isWhole ? "ok" : "no answer to ping")\n" }.joined()
    }

    // MARK: - Mirror

    static let kernel = Array("kernel".utf8)
    static let ramdisk = Array("ramdisk".utf8)

    func fetch(_ url: String) throws -> [UInt8] {
        count()
        if generator.chance(weakness.failsFetch) { throw DeployError("stalled") }
        func digest(_ bytes: [UInt8]) -> String { SHA256.hash(data: bytes).map(\.hex).joined() }
        switch url.split(separator: "/").suffix(3).joined(separator: "/") {
        case "installer/current/vmlinuz": return Self.kernel
        case "installer/current/initrd.img": return Self.ramdisk
        case "installer/current/manifest.json":
            let files = ["vmlinuz": Self.kernel, "initrd.img": Self.ramdisk].map {
                "\"\($0.key)\":{\"size\":\($0.value.count),\"sha256\":\"\(digest($0.value))\"}"
            }
            return Array(
                #"{"name":"installer","digest":"d","files":{\#(files.joined(separator: ","))}}"#.utf8
            )
        default:
            return Array(#"{"name":"micro","digest":"e","file":"disk.img","size":1,"sha256":"00"}"#.utf8)
        }
    }

    func serve(_ desk: InstallDesk?) { self.desk = desk }
}
