import Certificates
import Foundation
import Gateway
import Glibc
import Lab
import LabModel
import Libvirt
import Logging
import Redfish
import Sandbox
import ServiceLifecycle
import Synchronization
import VirtualBMC
import UnixSignals

/// PID 1 of a lab's sandbox: makes the sandbox, racks the pod in it, and keeps its parts alive until it is told to stop.
struct Supervisor {
    let folder: LabFolder
    let state: StateFolders
    let program = Logger(label: "vlab.supervisor")

    /// Runs until the lab ends.
    func run() async throws {
        let orphans = try Orphans()
        defer { withExtendedLifetime(orphans) {} }
        DescriptorLimit.raise()
        let record = try LabRecord(contentsOf: folder)
        let events = try EventLog(appendingTo: folder.events)
        defer { events.flush() }
        SupervisorLog.say("switches and private libvirt")
        let plan = SandboxPlan(pod: record.pod)
        let authority = try AuthorityFolder(path: state.authority).authority()
        let (daemon, tagged) = try await Sandbox(
            folder: folder.path,
            libvirtCache: state.libvirtCache,
            authority: authority.certificate
        ).make(plan)
        let host = LibvirtHost(uri: daemon.uri)
        let accelerator = HostAccelerator(state).forMachines()
        let hypervisor = LibvirtHypervisor(
            host,
            folder: folder,
            pod: record.pod,
            plan: plan,
            accelerator: accelerator.accelerator
        )
        let keeper = LibvirtKeeper(daemon: daemon, host: host)
        let bonds = try SwitchedBonds(plan) { events.emit($0) }
        try await withThrowingTaskGroup { group in
            group.addTask { try await keeper.run() }
            // Ports are looked after from before the first machine is started.
            group.addTask { try await tagged.run() }
            group.addTask { try await bonds.run() }
            try await host.connect(within: .seconds(30))
            SupervisorLog.say("\(record.pod.nodes.count.of("machine")), \(accelerator)")
            let lab = try await Lab(named: folder.name, pod: record.pod, on: hypervisor, events: events)
            keeper.report { lab.note($0) }
            let outside = try OutsideWorld(
                record,
                images: state.images,
                registry: state.registry,
                downloads: state.downloads,
                authority: authority,
                uplink: folder.uplinkSocket
            ) {
                events.emit($0)
            }
            group.addTask { [program] in
                try await serve(lab, hypervisor, bonds, outside, authority, program)
            }
            // The first part that ends ends the lab.
            try await group.next()
            group.cancelAll()
        }
    }

    private func serve(
        _ lab: Lab,
        _ hypervisor: LibvirtHypervisor,
        _ bonds: SwitchedBonds,
        _ outside: OutsideWorld,
        _ authority: CertificateAuthority,
        _ logger: Logger
    ) async throws {
        // From before anybody can switch a machine: a BMC answers as soon as it is made.
        let happenings = hypervisor.events()
        var racked: [RackedBMC] = []
        for machine in lab.machines {
            let bmc = try await RackedBMC(machine, of: lab, in: folder, on: hypervisor, authority: authority)
            if let bmc { racked.append(bmc) }
        }
        let bmcs = racked
        SupervisorLog.say("\(bmcs.count.of("BMC"))")
        let (stops, stop) = AsyncStream<Void>.makeStream()
        let rack = BMCRack(servers: bmcs.map(\.ipmi))
        let runs = ScenarioRuns(lab: lab, gateway: outside.gateway, bmcs: rack, folder: folder)
        try await runs.healLeftovers(under: "\(state.runs)/\(folder.name)")
        let gateway = outside.gateway
        let uplink = UplinkKeeper(lab, outside.uplink) { gateway.uplinkMode = $0 }
        let control = ControlServer(
            lab: lab,
            bmcs: rack,
            gateway: outside.gateway,
            runs: runs,
            uplink: uplink,
            socket: folder.controlSocket,
            logger: logger
        ) {
            stop.yield()
        }
        let services: [any Service] = [
            Part("machines") {
                await hypervisor.run(happenings) { node, change in
                    if change == .rebooted { bonds.noteReset(of: node) }
                    // A node that is not the lab's own does not report.
                    await (try? lab.machine(node))?.note(change)
                }
            },
            Part("runs") { try await runs.run() },
            Part("uplink") { await uplink.run() },
            Part("gateway") { try await outside.gateway.run() },
            Part("control") {
                // The lab says that it is ready only when the way outside is open too.
                try await outside.redirect()
                lab.note(
                    LabStatus.Part(
                        name: "gateway",
                        isAlive: true,
                        detail: OutsideWorld.mirrors.joined(separator: ", ")
                    )
                )
                for bmc in bmcs { await bmc.redfish.listens() }
                try await control.run {
                    lab.events.emit(LabEvent("lab.ready"))
                    SupervisorLog.say(SupervisorLog.ready)
                }
            },
            Part("stop") {
                for await _ in stops { break }
                lab.events.emit(LabEvent("lab.down"))
            },
        ]
        var configuration = ServiceGroupConfiguration(
            services: (services + bmcs.flatMap(\.parts)).map {
                .init(
                    service: $0,
                    successTerminationBehavior: .cancelGroup,
                    failureTerminationBehavior: .cancelGroup
                )
            },
            logger: logger
        )
        configuration.cancellationSignals = [.sigterm]
        try await ServiceGroup(configuration: configuration).run()
    }
}

/// A part of the lab that runs until it is cancelled.
struct Part: Service, CustomStringConvertible {
    let description: String
    private let body: @Sendable () async throws -> Void

    init(_ name: String, _ body: @escaping @Sendable () async throws -> Void) {
        (description, self.body) = (name, body)
    }

    func run() async throws { try await body() }
}
