import IPMI
import LabModel
import TestSupport
import Testing
import VirtualBMC

/// The client that OpenStack's Ironic and many scripts use, from the package index.
@Suite("pyghmi", .enabled(if: PythonEnvironment.isOnline, "VLAB_OFFLINE is set"), .timeLimit(.minutes(5)))
struct PyghmiTests {
    /// Logs in, runs the lines, logs out, and gives back what they printed.
    private func run(_ lines: String, on bmc: BMCUnderTest) async throws -> String {
        let python = try await PythonEnvironment.with("pyghmi==1.6.19")
        let program = """
            import sys
            from pyghmi.ipmi.command import Command
            bmc = Command(bmc='127.0.0.1', userid='root', password='secret', port=int(sys.argv[1]))
            \(lines)
            bmc.ipmi_session.logout()
            """
        let output = try await python.run(program, "\(bmc.port)")
        #expect(output.succeeded, "\(output)")
        return output.text
    }

    @Test("switches the machine")
    func power() async throws {
        let machine = MemoryChassis(.off)
        try await withBMC(machine) { bmc in
            let said = try await run(
                """
                print(bmc.get_power()['powerstate'])
                for word in ['on', 'reset', 'diag', 'off']:
                    print(bmc.set_power(word))
                print(bmc.get_power()['powerstate'])
                """,
                on: bmc
            )
            let lines = said.split(separator: "\n")
            #expect(lines.first == "off")
            #expect(lines.last == "off")
            #expect(lines.count == 6, "\(said)")
            #expect(!said.contains("error"), "\(said)")
            #expect(machine.actions == [.powerOn, .reset, .diagnosticInterrupt, .powerOff])
        }
    }

    @Test("selects what to boot from, for once and for ever")
    func bootDevice() async throws {
        let machine = MemoryChassis(.off)
        try await withBMC(machine) { bmc in
            let said = try await run(
                """
                print(bmc.set_bootdev('network'))
                print(bmc.get_bootdev())
                print(bmc.set_bootdev('hd', persist=True, uefiboot=True))
                print(bmc.get_bootdev())
                """,
                on: bmc
            )
            #expect(!said.contains("error"), "\(said)")
            #expect(
                machine.selections == [
                    BootSelection(.pxe), BootSelection(.disk, persistent: true, efi: true),
                ]
            )
            let lines = said.split(separator: "\n")
            #expect(lines[1].contains("'bootdev': 'network'"), "\(said)")
            #expect(lines[1].contains("'persistent': False"), "\(said)")
            #expect(lines[3].contains("'bootdev': 'hd'"), "\(said)")
            #expect(lines[3].contains("'persistent': True"), "\(said)")
            #expect(lines[3].contains("'uefimode': True"), "\(said)")
        }
    }

    @Test("reads sensors, the event log, the inventory and the network")
    func readings() async throws {
        try await withBMC(MemoryChassis(.on)) { bmc in
            bmc.server.machineEvent(.poweredOn)
            let said = try await run(
                """
                readings = {sensor.name: sensor for sensor in bmc.get_sensor_data()}
                print(sorted(readings))
                print('inlet', readings['Inlet Temp'].value, readings['Inlet Temp'].units)
                print('draw', readings['Power Draw'].value > 0, readings['Power Draw'].units)
                print('health', bmc.get_health())
                print('log', [entry['event'] for entry in bmc.get_event_log(clear=True)])
                print('left', len(list(bmc.get_event_log())))
                print(dict(bmc.get_inventory())['System'])
                print(bmc.get_net_configuration())
                """,
                on: bmc
            )
            #expect(said.contains("inlet 22.0 °C"), "\(said)")
            #expect(said.contains("draw True W"))
            #expect(said.contains("health {'badreadings': [], 'health': 0}"))
            let log = try #require(said.split(separator: "\n").first { $0.hasPrefix("log ") })
            #expect(log != "log []", "the power is in the event log")
            #expect(said.contains("'Product name': 'Virtual server'"))
            #expect(said.contains("'ipv4_configuration': 'Static'"))
        }
    }

    @Test("adds a user who can log in, and removes them")
    func users() async throws {
        try await withBMC(MemoryChassis(.on)) { bmc in
            let said = try await run(
                """
                print(bmc.create_user(5, 'ironic', password='first', privilege_level='operator'))
                print(bmc.get_user(5)['access']['privilege_level'])
                place = {'bmc': '127.0.0.1', 'port': int(sys.argv[1])}
                other = Command(userid='ironic', password='first', privlevel=3, **place)
                print(other.get_power()['powerstate'])
                other.ipmi_session.logout()
                bmc.user_delete(5)
                print(sorted(bmc.get_users()))
                """,
                on: bmc
            )
            #expect(said.split(separator: "\n") == ["True", "operator", "on", "[2]"], "\(said)")
        }
    }

    @Test("is told that its password is wrong")
    func wrongPassword() async throws {
        try await withBMC(MemoryChassis(.on), accounts: [Account(name: "root", password: "other")]) { bmc in
            let python = try await PythonEnvironment.with("pyghmi==1.6.19")
            let output = try await python.run(
                """
                import sys
                from pyghmi.ipmi.command import Command
                Command(bmc='127.0.0.1', userid='root', password='secret', port=int(sys.argv[1]))
                """,
                "\(bmc.port)"
            )
            #expect(!output.succeeded)
            #expect(output.errors.contains("Incorrect password"), "\(output)")
        }
    }
}
