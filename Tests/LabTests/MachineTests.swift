import LabModel
import Synchronization
import Testing

@testable import Lab

@Suite("A machine")
struct MachineTests {
    let hypervisor = MemoryHypervisor()
    let heard = Heard()

    private func machine(oneReset: Duration = .seconds(3600)) -> Machine {
        Machine(.sample(), on: hypervisor, oneReset: oneReset, emit: heard.sink)
    }

    @Test("boots from its disk, then the network, when nothing else was asked for")
    func usualOrder() async throws {
        let machine = machine()
        try await machine.perform(.on)
        #expect(machine.power == .on && machine.boots == 1)
        #expect(hypervisor.starts == [[.disk, .pxe]])
        #expect(heard.names == ["power.on"])
    }

    @Test("uses a boot device that holds once for one boot, and goes back")
    func onceConsumed() async throws {
        let machine = machine()
        try await machine.choose(Machine.BootChoice(device: .pxe, isPersistent: false))
        try await machine.perform(.on)
        // The firmware may reset the machine once more before it has made use of it.
        #expect(hypervisor.starts == [[.pxe, .disk]] && hypervisor.calls().count == 1)
        await machine.note(.console(Array("iPXE initialising devices...ok\n".utf8)))
        // What the running machine's next reset boots from is the usual order again; told once.
        await machine.note(.console(Array("iPXE 1.21\n".utf8)))
        #expect(hypervisor.calls().dropFirst() == [.bootOrder([.disk, .pxe])])
        try await machine.perform(.cycle)
        #expect(hypervisor.starts == [[.pxe, .disk], [.disk, .pxe]])
    }

    @Test("keeps a persistent boot device through off, on, cycle and resets")
    func persistentKept() async throws {
        let machine = machine(oneReset: .zero)
        try await machine.choose(Machine.BootChoice(device: .pxe, isPersistent: true))
        for action in [PowerAction.on, .cycle, .off, .on] { try await machine.perform(action) }
        await machine.note(.rebooted)
        try await machine.perform(.cycle)
        #expect(hypervisor.starts == Array(repeating: [.pxe, .disk], count: 4))
        #expect(!hypervisor.calls().contains(.bootOrder([.disk, .pxe])))
        try await machine.choose(nil)
        try await machine.perform(.cycle)
        #expect(hypervisor.starts.last == [.disk, .pxe])
    }

    @Test("that runs takes a chosen boot device at its next reset, and drops it with that boot")
    func chosenWhileOn() async throws {
        let machine = machine(oneReset: .zero)
        try await machine.perform(.on)
        try await machine.choose(Machine.BootChoice(device: .pxe, isPersistent: false))
        #expect(hypervisor.calls().last == .bootOrder([.pxe, .disk]))
        await machine.note(.rebooted)
        await machine.note(.console(Array("Booting from Hard Disk...\n".utf8)))
        #expect(hypervisor.calls().last == .bootOrder([.disk, .pxe]))
        #expect(machine.boots == 2)
    }

    @Test("that is reset before its console said anything has used up what held once")
    func resetBeforeUse() async throws {
        let machine = machine()
        try await machine.choose(Machine.BootChoice(device: .pxe, isPersistent: false))
        try await machine.perform(.on)
        try await machine.perform(.reset)
        #expect(hypervisor.calls().suffix(2) == [.bootOrder([.disk, .pxe]), .perform(.reset)])
        // A reset that was asked for is a boot, however soon it comes.
        await machine.note(.rebooted)
        #expect(machine.boots == 2)
    }

    @Test(
        "that is off refuses what needs power, and says that the state is wrong",
        arguments: [
            PowerAction.reset, .cycle, .soft, .interrupt,
        ]
    )
    func refusedWhenOff(action: PowerAction) async throws {
        let machine = machine()
        let error = await #expect(throws: PowerError.self) { try await machine.perform(action) }
        #expect(try #require(error).isWrongState)
        #expect(hypervisor.calls().isEmpty && heard.events.isEmpty && machine.boots == 0)
    }

    @Test("already as it is asked to be is left alone")
    func noChange() async throws {
        let machine = machine()
        try await machine.perform(.off)
        #expect(hypervisor.calls().isEmpty)
        try await machine.perform(.on)
        try await machine.perform(.on)
        #expect(hypervisor.starts.count == 1 && machine.boots == 1)
    }

    @Test("keeps what holds once through a reset that its firmware makes while it starts")
    func firmwareResets() async throws {
        let machine = machine()
        try await machine.choose(Machine.BootChoice(device: .pxe, isPersistent: false))
        try await machine.perform(.on)
        await machine.note(.console(Array("SeaBIOS (version 1.16.2)\r\n".utf8)))
        await machine.note(.rebooted)
        #expect(hypervisor.calls() == [.perform(.start(order: [.pxe, .disk]))])
        await machine.note(.console(Array("iPXE initialising devices...ok\r\n".utf8)))
        #expect(hypervisor.calls().last == .bootOrder([.disk, .pxe]))
    }

    @Test("uses up a choice by a reset that is asked for, however soon after power-on")
    func resetSoon() async throws {
        let machine = machine()
        try await machine.perform(.on)
        try await machine.choose(Machine.BootChoice(device: .pxe, isPersistent: false))
        try await machine.perform(.reset)
        await machine.note(.rebooted)
        #expect(machine.boots == 2)
        await machine.note(.console(Array("iPXE initialising devices...ok\r\n".utf8)))
        #expect(hypervisor.calls().last == .bootOrder([.disk, .pxe]))
    }

    @Test("that resets itself by several ways at once boots once")
    func resetStorm() async throws {
        let machine = machine()
        try await machine.perform(.on)
        for _ in 0..<10 { await machine.note(.rebooted) }
        #expect(machine.boots == 1)
        #expect(!heard.names.contains("power.reset"))
    }

    @Test("that resets again later boots again, and its BMC hears of each boot")
    func laterReset() async throws {
        let machine = machine(oneReset: .zero)
        let told = Mutex(0)
        machine.watch { if $0 == .boots { told.withLock { $0 += 1 } } }
        try await machine.perform(.on)
        await machine.note(.rebooted)
        await machine.note(.rebooted)
        #expect(machine.boots == 3)
        #expect(told.withLock { $0 } == 3)
        #expect(heard.names.filter { $0 == "power.reset" }.count == 2)
    }

    @Test("tells its BMC of its power, its boots and its links, each once")
    func happenings() async throws {
        let machine = machine()
        let told = Mutex<[Machine.Happening]>([])
        machine.watch { happening in told.withLock { $0.append(happening) } }
        try await machine.perform(.on)
        try await machine.perform(.on)
        try await machine.setLink("eth0", up: false)
        try await machine.setLink("eth0", up: true)
        try await machine.perform(.cycle)
        try await machine.perform(.off)
        await machine.note(.stopped(cause: "libvirt says so too"))
        #expect(
            told.withLock { $0 } == [
                .poweredOn, .boots, .link(nic: "eth0", up: false), .link(nic: "eth0", up: true), .poweredOff,
                .poweredOn, .boots, .poweredOff,
            ]
        )
    }

    @Test("is not said to be on, off or booted by a libvirt that is gone, and goes on when it is back")
    func libvirtGone() async throws {
        let machine = machine()
        hypervisor.isGone = true
        await #expect(throws: MemoryHypervisor.Gone.self) { try await machine.perform(.on) }
        #expect(machine.power == .off && machine.boots == 0 && heard.events.isEmpty)
        hypervisor.isGone = false
        try await machine.perform(.on)
        hypervisor.isGone = true
        await #expect(throws: MemoryHypervisor.Gone.self) { try await machine.perform(.off) }
        await #expect(throws: MemoryHypervisor.Gone.self) { try await machine.perform(.reset) }
        #expect(machine.power == .on && machine.boots == 1)
        hypervisor.isGone = false
        try await machine.perform(.off)
        #expect(machine.power == .off)
    }

    @Test("that ends by itself is off, which is told once, with the cause")
    func ended() async throws {
        let machine = machine()
        try await machine.perform(.on)
        await machine.note(.stopped(cause: "killed"))
        #expect(machine.power == .off)
        #expect(heard.events.last?.details["cause"] == "killed")
        // The same news by another way is none.
        await machine.note(.stopped(cause: "killed"))
        #expect(heard.names.filter { $0 == "power.off" }.count == 1)
    }

    @Test("does one thing at a time, however many ask", arguments: 0..<5)
    func oneAtATime(round: Int) async throws {
        let machine = machine()
        await withTaskGroup { group in
            for index in 0..<40 {
                let action = PowerAction.allCases[(index + round) % PowerAction.allCases.count]
                // Refused ones are part of the crowd.
                group.addTask { try? await machine.perform(action) }
            }
        }
        #expect(hypervisor.mostInside == 1)
        try await machine.perform(.on)
        #expect(machine.power == .on)
    }

    @Test("has the links that were really set")
    func links() async throws {
        let machine = machine()
        try await machine.setLink("eth0", up: false)
        #expect(machine.linksDown == ["eth0"])
        hypervisor.isGone = true
        await #expect(throws: MemoryHypervisor.Gone.self) { try await machine.setLink("eth0", up: true) }
        #expect(machine.linksDown == ["eth0"])
        hypervisor.isGone = false
        try await machine.setLink("eth0", up: true)
        #expect(machine.linksDown.isEmpty)
        #expect(heard.names == ["link.down", "link.up"])
    }

    @Test("that is off has no console to type at")
    func typing() async throws {
        let machine = machine()
        await #expect(throws: LabError.self) { try await machine.type([0x0D]) }
        try await machine.perform(.on)
        try await machine.type([0x0D])
        #expect(hypervisor.calls().last == .type([0x0D]))
    }
}

@Suite("A lab")
struct LabTests {
    @Test("defines each machine of its pod, powered off, and knows them by name")
    func defines() async throws {
        let hypervisor = MemoryHypervisor()
        let pod = Pod(name: "pod1", nodes: [.sample("ctl01"), .sample("cmp01")], networks: [])
        let lab = try await Lab(
            named: "mine",
            pod: pod,
            on: hypervisor,
            events: try EventLog(appendingTo: nil)
        )
        for name in ["ctl01", "cmp01"] { #expect(hypervisor.calls(of: name) == [.define]) }
        #expect(try lab.machine("cmp01").node.name == "cmp01")
        let error = #expect(throws: LabError.self) { try lab.machine("cmp09") }
        #expect("\(try #require(error))".contains("ctl01, cmp01"))
        #expect(lab.status.nodes.map(\.power) == [.off, .off])
    }

    @Test("does not come up on a hypervisor that is gone")
    func gone() async throws {
        let hypervisor = MemoryHypervisor()
        hypervisor.isGone = true
        let pod = Pod(name: "pod1", nodes: [.sample()], networks: [])
        await #expect(throws: MemoryHypervisor.Gone.self) {
            try await Lab(named: "mine", pod: pod, on: hypervisor, events: try EventLog(appendingTo: nil))
        }
    }

    @Test("shows the newest word on each of its parts")
    func parts() async throws {
        let pod = Pod(name: "pod1", nodes: [], networks: [])
        let events = try EventLog(appendingTo: nil)
        let lab = try await Lab(named: "mine", pod: pod, on: MemoryHypervisor(), events: events)
        lab.note(LabStatus.Part(name: "libvirt", isAlive: true, detail: "started"))
        lab.note(LabStatus.Part(name: "gateway", isAlive: true, detail: "a"))
        lab.note(LabStatus.Part(name: "libvirt", isAlive: false, detail: "killed"))
        #expect(lab.status.parts.map(\.name) == ["libvirt", "gateway"])
        #expect(lab.status.parts.map(\.isAlive) == [false, true])
    }
}
