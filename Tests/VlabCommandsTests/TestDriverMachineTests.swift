import Foundation
import LabModel
import Libvirt
import Synchronization
import TestSupport
import Testing
import VirtualBMC

@testable import VlabCommands

@Suite("A machine of libvirt's test driver")
struct TestDriverMachineTests {
    private static let uuid = "766c6162-0000-4000-8000-00000000000a"

    private func with(_ body: (TestDriverMachine, LibvirtHost) async throws -> Void) async throws {
        try await withScratchFolder { folder in
            // A driver that starts from a file of its own shares its domains with nobody.
            try "<node/>".write(toFile: "\(folder)/node.xml", atomically: true, encoding: .utf8)
            let host = LibvirtHost(uri: "test://\(folder)/node.xml")
            try await host.connect()
            let machine = TestDriverMachine(host.domain("machine"), uuid: Self.uuid)
            try await machine.define()
            try await body(machine, host)
            await host.disconnect()
        }
    }

    @Test(
        "is in the state that libvirt says after every action",
        arguments: [
            ([ChassisAction.powerOn], PowerState.on), ([.powerOn, .powerOn], .on), ([.powerOff], .off),
            ([.powerOn, .powerOff], .off), ([.powerOn, .powerCycle], .on), ([.powerOn, .reset], .on),
            ([.powerOn, .softOff], .off), ([.powerOn, .diagnosticInterrupt], .on),
        ]
    )
    func actions(_ actions: [ChassisAction], _ end: PowerState) async throws {
        try await with { machine, host in
            for action in actions { try await machine.perform(action) }
            #expect(machine.powerState == end)
            #expect(try await host.list().map(\.state) == [end == .on ? .running : .off])
        }
    }

    @Test(
        "refuses off what only a machine that is on can do",
        arguments: [ChassisAction.powerCycle, .reset, .softOff, .diagnosticInterrupt]
    )
    func refuses(_ action: ChassisAction) async throws {
        try await with { machine, _ in
            await #expect(throws: ChassisError.notInPresentState) { try await machine.perform(action) }
        }
    }

    @Test("asks its BMC at each boot, and has libvirt boot from what it says")
    func boots() async throws {
        try await with { machine, _ in
            // One selection, which the first boot spends.
            let waiting = Selections([BootSelection(.pxe)])
            machine.onBoot { waiting.next() }
            try await machine.bootSelectionChanged(BootSelection(.pxe))
            #expect(machine.bootDevice == .pxe)
            try await machine.perform(.powerOn)
            #expect(machine.bootDevice == .pxe)
            try await machine.perform(.reset)
            #expect(machine.bootDevice == nil)
            await #expect(throws: ChassisError.unsupported) {
                try await machine.bootSelectionChanged(BootSelection(.bios))
            }
        }
    }
}

/// What a BMC answers, boot for boot.
private final class Selections: Sendable {
    private let rest: Mutex<[BootSelection]>
    init(_ all: [BootSelection]) { rest = Mutex(all) }
    func next() -> BootSelection? { rest.withLock { $0.isEmpty ? nil : $0.removeFirst() } }
}
