import Foundation
import Lab
import LabModel
import Libvirt
import Sandbox
import Synchronization
import TestSupport
import Testing
import VirtualBMC

@testable import VlabCommands

/// What a lab was told of its machine.
private final class Told: Sendable {
    let changes = Mutex<[MachineChange]>([])
}

@Suite("What libvirt tells of a machine", .timeLimit(.minutes(1)))
struct LibvirtHypervisorTests {
    @Test("counts as long as it is true: what is long in coming may tell of an earlier run")
    func lateNews() async throws {
        try await withScratchFolder { folder in
            // As in the tests of a single machine.
            try "<node/>".write(toFile: "\(folder)/node.xml", atomically: true, encoding: .utf8)
            let host = LibvirtHost(uri: "test://\(folder)/node.xml")
            try await host.connect()
            let machine = TestDriverMachine(
                host.domain("machine"),
                uuid: "766c6162-0000-4000-8000-00000000000b"
            )
            try await machine.define()
            let pod = Pod(name: "p", nodes: [], networks: [])
            let hypervisor = LibvirtHypervisor(
                host,
                folder: try LabFolder(name: "p", in: StateFolders(environment: ["XDG_STATE_HOME": folder])),
                pod: pod,
                plan: SandboxPlan(pod: pod),
                accelerator: .tcg
            )
            let (events, feed) = AsyncStream.makeStream(of: LibvirtEvent.self)
            let told = Told()
            /// What is told of these events, up to the reset that follows them.
            func tell(_ events: DomainEvent...) async throws -> [MachineChange] {
                for event in events + [.rebooted] { feed.yield(.domain("machine", event)) }
                return try await eventually("the reset", within: .seconds(30)) {
                    told.changes.withLock { changes in
                        guard changes.last == .rebooted else { return nil }
                        defer { changes = [] }
                        return changes.dropLast()
                    }
                }
            }
            try await withThrowingTaskGroup { group in
                group.addTask {
                    await hypervisor.run(events) { _, change in told.changes.withLock { $0.append(change) } }
                }
                try await machine.perform(.powerOn)
                #expect(try await tell(.stopped(.destroyed), .started(.booted)) == [.started])
                try await machine.perform(.powerOff)
                #expect(
                    try await tell(.started(.booted), .stopped(.failed)) == [.stopped(cause: "failed")]
                )
                group.cancelAll()
            }
            await host.disconnect()
        }
    }
}
