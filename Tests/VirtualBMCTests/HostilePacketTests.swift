import Glibc
import IPMI
import LabModel
import Testing
import VirtualBMC

/// What a network may bring, on a real socket.
@Suite("On a network that wishes it ill, a BMC server", .timeLimit(.minutes(2)))
struct HostilePacketTests {
    @Test("answers after thousands of packets that are none")
    func noise() async throws {
        let machine = MemoryChassis(.on)
        try await withBMC(machine) { bmc in
            let socket = try RawSocket(port: bmc.port)
            var random = SystemRandomNumberGenerator()
            var whole: [[UInt8]] = [PresencePing(tag: 1).encoded]
            for type: UInt8 in [0x00, 0x10, 0x12, 0x14, 0xC0] {
                whole.append([6, 0, 0xFF, 7, 6, type] + [UInt8](repeating: 0, count: 60))
            }
            for packet in whole {
                for length in 0...packet.count { socket.send(Array(packet.prefix(length))) }
            }
            for _ in 0..<5000 {
                var bytes = (0..<[22, 22, Int.random(in: 0...100)][Int.random(in: 0..<3)]).map { _ in
                    UInt8.random(in: 0...255, using: &random)
                }
                if bytes.count > 4 { bytes.replaceSubrange(..<4, with: [6, 0, 0xFF, 7]) }
                socket.send(bytes)
            }
            let status = try await bmc.ipmitool("power status")
            #expect(status.text == "Chassis Power is on\n", "\(status)")
            #expect(machine.actions.isEmpty)
        }
    }

    @Test("does nothing twice when somebody replays all that was said")
    func replay() async throws {
        let machine = MemoryChassis(.on)
        try await withBMC(machine) { bmc in
            let ear = try await LossyLink(to: bmc.port, losses: 0)
            let reset = try await bmc.run(
                "ipmitool",
                "-I lanplus -H 127.0.0.1 -p \(ear.port) -U root -P secret power reset"
            )
            #expect(reset.succeeded, "\(reset)")
            #expect(machine.actions == [.reset])
            #expect(ear.heard.count > 6)
            let socket = try RawSocket(port: bmc.port)
            for _ in 0..<3 { for packet in ear.heard { socket.send(packet) } }
            let status = try await bmc.ipmitool("power status")
            #expect(status.text == "Chassis Power is on\n", "\(status)")
            #expect(machine.actions == [.reset])
            try await ear.close()
        }
    }

    @Test("lets everybody in while somebody begins log-ins and ends none")
    func halfOpen() async throws {
        try await withBMC(MemoryChassis(.on)) { bmc in
            let sockets = try (0..<4).map { _ in try RawSocket(port: bmc.port) }
            for round in 0..<500 {
                let id = [UInt8(round & 0xFF), UInt8(round >> 8), 1, 1]
                let algorithms: [UInt8] = [
                    0, 0, 0, 8, 1, 0, 0, 0, 1, 0, 0, 8, 1, 0, 0, 0, 2, 0, 0, 8, 1, 0, 0, 0,
                ]
                let payload = [0, 4, 0, 0] + id + algorithms
                let header: [UInt8] = [6, 0, 0xFF, 7, 6, 0x10, 0, 0, 0, 0, 0, 0, 0, 0]
                sockets[round % 4].send(header + [UInt8(payload.count), 0] + payload)
            }
            let status = try await bmc.ipmitool("power status")
            #expect(status.text == "Chassis Power is on\n", "\(status)")
        }
    }
}

/// A UDP socket that sends what it is told and never listens.
private final class RawSocket {
    private let descriptor: Int32

    init(port: Int) throws {
        descriptor = socket(AF_INET, Int32(SOCK_DGRAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        try #require(descriptor >= 0)
        try #require(Self.connect(descriptor, port) == 0)
    }

    deinit { close(descriptor) }

    func send(_ bytes: [UInt8]) {
        // A datagram may get lost, as on any network.
        _ = unsafe Glibc.send(descriptor, bytes, bytes.count, 0)
    }

    static func connect(_ descriptor: Int32, _ port: Int) -> Int32 {
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = UInt16(port).bigEndian
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        let length = socklen_t(MemoryLayout<sockaddr_in>.size)
        return unsafe withUnsafePointer(to: &address) { pointer in
            unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                unsafe Glibc.connect(descriptor, $0, length)
            }
        }
    }
}
