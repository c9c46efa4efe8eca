import Foundation
import LabModel
import Libvirt
import TestSupport
import Testing

@Suite("A domain on a real libvirt", .timeLimit(.minutes(2)))
struct LiveDomainTests {
    /// A machine with two disks that greet as `first` and `second`.
    static func machine(_ name: String, in folder: URL, nics: Int = 1) throws -> DomainDefinition {
        var machine = DomainDefinition(
            name: name,
            uuid: UUID().uuidString.lowercased(),
            serial: "SN-\(name)",
            memory: .mebibytes(32)
        )
        for greeting in ["first", "second"] {
            let path = folder.appending(path: "\(name)-\(greeting).img")
            try BootSectorGuest.disk(greeting: "I am \(greeting)\r\n").write(to: path)
            machine.disks.append(.init(path: path.path, format: .raw))
        }
        for index in 0..<nics {
            let mac = try #require(MACAddress(octets: [0x52, 0x54, 0, 0, 0, UInt8(index)]))
            machine.nics.append(.init(mac: mac, bridge: "eth0", tap: "\(name)-eth\(index)"))
        }
        machine.bootOrder = [.disk(0)]
        machine.consoleLog = folder.appending(path: "\(name).log").path
        return machine
    }

    private func log(_ machine: DomainDefinition) throws -> String {
        let path = try #require(machine.consoleLog)
        guard FileManager.default.fileExists(atPath: path) else { return "" }
        return String(decoding: try Data(contentsOf: URL(filePath: path)), as: UTF8.self)
    }

    private func greetings(_ machine: DomainDefinition) throws -> [String] {
        try log(machine).split(separator: "\r\n").filter { $0.hasPrefix("I am ") }.map {
            String($0.dropFirst(5))
        }
    }

    @Test("is defined, powered, reset, shut down and undefined, and every step is reported")
    func lifecycle() async throws {
        try await PrivateLibvirt.with { libvirt in
            let machine = try Self.machine("m1", in: libvirt.folder)
            let events = Recorder(libvirt.host.events())
            let domain = libvirt.host.domain("m1")
            try await domain.define(machine)
            #expect(try await libvirt.host.list().map(\.state) == [.off])
            try await domain.powerOn()
            #expect(try await domain.status().state == .running)
            try await eventually("greeting") { try greetings(machine) == ["first"] }
            try await domain.reset()
            try await eventually("second greeting") { try greetings(machine) == ["first", "first"] }
            try await domain.shutDown()
            try await eventually("power off") { try await domain.status().state == .off }
            try await domain.powerOn(paused: true)
            #expect(try await domain.status().state == .paused)
            try await domain.powerOff()
            let twice = try await #require(throws: LibvirtError.self) { try await domain.powerOff() }
            #expect(twice.code == .operationInvalid)
            try await domain.undefine()
            #expect(try await libvirt.host.list() == [])
            let expected: [DomainEvent] = [
                .defined, .resumed, .started(.booted), .rebooted, .shutDown, .stopped(.shutDown),
                .started(.booted), .stopped(.destroyed), .undefined,
            ]
            try await eventually("events") {
                await Set(events.elements).isSuperset(of: expected.map { .domain("m1", $0) })
            }
        }
    }

    @Test("boots from an image that was put into its drive while it ran, and not when it is out again")
    func drive() async throws {
        try await PrivateLibvirt.with { libvirt in
            var machine = try Self.machine("m1", in: libvirt.folder)
            machine.drive = .init()
            let image = libvirt.folder.appending(path: "rescue.iso")
            try BootableCD.image(of: BootSectorGuest.disk(greeting: "I am rescue\r\n")).write(to: image)
            let domain = libvirt.host.domain("m1")
            try await domain.define(machine)
            try await domain.powerOn()
            try await eventually("greeting") { try greetings(machine) == ["first"] }
            try await domain.setImage(image.path)
            try await domain.setBootOrder([.drive, .disk(0)])
            try await domain.reset()
            try await eventually("the image's greeting") { try greetings(machine) == ["first", "rescue"] }
            try await domain.setImage(nil)
            try await domain.reset()
            try await eventually("the disk's greeting") {
                try greetings(machine) == ["first", "rescue", "first"]
            }
            // A machine that is started with the image in its drive.
            try await domain.powerOff()
            machine.drive = .init(image: image.path)
            machine.bootOrder = [.drive, .disk(0)]
            try await domain.define(machine)
            try await domain.powerOn()
            try await eventually("the image's greeting again") { try greetings(machine).last == "rescue" }
        }
    }

    @Test("talks on its console both ways, through a reset, and the console ends with it")
    func console() async throws {
        try await PrivateLibvirt.with { libvirt in
            let machine = try Self.machine("m1", in: libvirt.folder)
            let domain = libvirt.host.domain("m1")
            try await domain.define(machine)
            try await domain.powerOn(paused: true)
            let console = try await domain.openConsole()
            let heard = Recorder(console.output)
            try await domain.resume()
            try await eventually("greeting") { await heard.text.contains("I am first") }
            try console.send("hello")
            try await eventually("echo") { await heard.text.contains("hello") }
            try console.send("!")
            try await eventually("greeting after the guest's own reset") {
                await heard.text.components(separatedBy: "I am first").count == 3
            }
            try console.send("again")
            try await eventually("echo after the reset") { await heard.text.contains("again") }
            try console.send(".")
            try await eventually("end of the console") { await heard.ended }
            try await eventually("power off") { try await domain.status().state == .off }
            #expect(throws: LibvirtError.self) { try console.send("x") }
            #expect(try log(machine) == (await heard.text))
        }
    }

    @Test("boots at its next reset from what it was told while it ran, whoever resets it")
    func bootOrder() async throws {
        try await PrivateLibvirt.with { libvirt in
            let machine = try Self.machine("m1", in: libvirt.folder)
            let domain = libvirt.host.domain("m1")
            try await domain.define(machine)
            try await domain.powerOn()
            try await eventually("greeting") { try greetings(machine) == ["first"] }
            try await domain.setBootOrder([.disk(1), .disk(0)])
            try await domain.reset()
            try await eventually("boot from the second disk") {
                try greetings(machine) == ["first", "second"]
            }
            try await domain.setBootOrder([.disk(0)])
            let console = try await domain.openConsole()
            try console.send("!")
            try await eventually("boot from the first disk") {
                try greetings(machine) == ["first", "second", "first"]
            }
            console.close()
            try await domain.setBootOrder([.disk(1)])
            try await domain.powerOff()
            try await domain.powerOn()
            try await eventually("the definition's order after power off") {
                try greetings(machine) == ["first", "second", "first", "first"]
            }
            await #expect(throws: LibvirtError.self) { try await domain.setBootOrder([.nic(7)]) }
        }
    }

    @Test("has network cables that can be unplugged and plugged in again, also after a new boot order")
    func link() async throws {
        try await PrivateLibvirt.with { libvirt in
            var machine = try Self.machine("m1", in: libvirt.folder, nics: 2)
            machine.nics[0].bootROM = true
            machine.bootOrder = [.nic(0)]
            machine.firmwareOnSerial = true
            let domain = libvirt.host.domain("m1")
            try await domain.define(machine)
            try await domain.powerOn()
            // What the boot ROM asks for an address arrives at the port on the host.
            try await eventually("a packet") { try await libvirt.packetsReceived(on: "m1-eth0") > 0 }
            try await domain.setLink(ofNIC: 0, up: false, in: machine)
            let before = try await libvirt.packetsReceived(on: "m1-eth0")
            machine.bootOrder = [.disk(0), .nic(0)]
            try await domain.define(machine)
            try await domain.setBootOrder([.nic(0)])
            try await domain.reset()
            try await eventually("the boot ROM asking again") {
                try log(machine).components(separatedBy: "Configuring").count == 3
            }
            #expect(try await libvirt.packetsReceived(on: "m1-eth0") == before)
            try await domain.setLink(ofNIC: 0, up: true, in: machine)
            try await domain.setLink(ofNIC: 1, up: false, in: machine)
            try await domain.reset()
            try await eventually("a packet again") {
                try await libvirt.packetsReceived(on: "m1-eth0") > before
            }
            try await domain.powerOff()
        }
    }

    @Test("shows its screen and takes keys")
    func screen() async throws {
        try await PrivateLibvirt.with { libvirt in
            let machine = try Self.machine("m1", in: libvirt.folder)
            let domain = libvirt.host.domain("m1")
            try await domain.define(machine)
            try await domain.powerOn()
            try await eventually("greeting") { try greetings(machine) == ["first"] }
            let screen = try await domain.screenshot()
            #expect(screen.mediaType == "image/png")
            #expect(screen.bytes.prefix(8) == [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A])
            try await domain.sendKeys([30])
            try await eventually("key") { try log(machine).contains("Ka") }
        }
    }

    @Test("is paused, saved to a file and goes on from there")
    func save() async throws {
        try await PrivateLibvirt.with { libvirt in
            let machine = try Self.machine("m1", in: libvirt.folder)
            let domain = libvirt.host.domain("m1")
            let file = libvirt.folder.appending(path: "m1.save").path
            try await domain.define(machine)
            try await domain.powerOn()
            try await eventually("greeting") { try greetings(machine) == ["first"] }
            try await domain.pause()
            #expect(try await domain.status().state == .paused)
            try await domain.save(to: file)
            #expect(try await domain.status().state == .off)
            try await domain.restore(from: file)
            #expect(try await domain.status().state == .paused)
            try await domain.resume()
            let console = try await domain.openConsole()
            try console.send("still here")
            try await eventually("echo") { try log(machine).contains("still here") }
            #expect(try greetings(machine) == ["first"])
        }
    }

    @Test("runs on while libvirtd is killed, and is found again by the next one")
    func reconnect() async throws {
        try await PrivateLibvirt.with { libvirt in
            let machine = try Self.machine("m1", in: libvirt.folder)
            let domain = libvirt.host.domain("m1")
            let events = Recorder(libvirt.host.events())
            try await domain.define(machine)
            try await domain.powerOn()
            let console = try await domain.openConsole()
            let heard = Recorder(console.output)
            try await eventually("greeting") { try greetings(machine) == ["first"] }
            try await libvirt.kill()
            try await eventually("report of the broken connection") {
                await events.elements.contains {
                    if case .disconnected = $0 { true } else { false }
                }
            }
            try await eventually("end of the console") { await heard.ended }
            let error = await #expect(throws: LibvirtError.self) { try await domain.status() }
            #expect(error?.connectionLost == true)
            try await libvirt.start()
            try await libvirt.host.connect(within: .seconds(20))
            try await eventually("report of the new connection") { await events.elements.last == .connected }
            #expect(try await domain.status().state == .running)
            let again = try await domain.openConsole()
            try again.send("still here\r\n")
            try await eventually("echo") { try log(machine).contains("still here\r\n") }
            try await domain.setBootOrder([.disk(1)])
            try await domain.reset()
            try await eventually("boot from the second disk") {
                try greetings(machine) == ["first", "second"]
            }
            try await eventually("events of the new connection") {
                await events.elements.contains(.domain("m1", .rebooted))
            }
            try await domain.powerOff()
        }
    }

    @Test("is powered on and off together with others")
    func parallel() async throws {
        try await PrivateLibvirt.with { libvirt in
            let names = (1...5).map { "m\($0)" }
            for name in names {
                try await libvirt.host.domain(name).define(Self.machine(name, in: libvirt.folder))
            }
            try await each(names, of: libvirt.host) { try await $0.powerOn() }
            #expect(try await libvirt.host.list().allSatisfy { $0.state == .running })
            try await each(names, of: libvirt.host) { try await $0.powerOff() }
            #expect(try await libvirt.host.list().allSatisfy { $0.state == .off })
        }
    }

    private func each(
        _ names: [String],
        of host: LibvirtHost,
        do act: @escaping @Sendable (Domain) async throws -> Void
    ) async throws {
        try await withThrowingTaskGroup(of: Void.self) { group in
            for name in names { group.addTask { try await act(host.domain(name)) } }
            try await group.waitForAll()
        }
    }
}
