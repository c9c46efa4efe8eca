import Testing

@testable import IPMI

extension Console {
    /// Activates SOL as ipmitool does; the completion code.
    @discardableResult
    func activate(_ instance: UInt8 = 1, flags: UInt8 = 0xC0) throws -> UInt8 {
        try command(0x06, 0x48, [0x01, instance, flags, 0, 0, 0]).completion
    }

    /// A SOL packet of this console.
    func sol(_ packet: SOLPacket, encrypting: Bool = true) throws -> [UInt8] {
        link.sequence += 1
        return try #require(link.cipher)
            .seal(
                .sol,
                packet.encoded,
                session: link.managedID,
                sequence: link.sequence,
                vector: [UInt8](repeating: 7, count: 16),
                encrypting: encrypting
            )
    }

    /// A SOL packet for this console; nil for what is none.
    func solPacket(_ datagram: [UInt8]) throws -> SOLPacket? {
        guard case .rmcpPlus(let packet) = try Datagram(decoding: datagram), packet.type == .sol else {
            return nil
        }
        return try SOLPacket(decoding: try #require(link.cipher).open(packet))
    }

    /// The SOL packets that the BMC sends this console.
    func solPackets(_ actions: [Action]) throws -> [SOLPacket] {
        var packets: [SOLPacket] = []
        for case .send(let bytes, client) in actions {
            if let packet = try solPacket(bytes) { packets.append(packet) }
        }
        return packets
    }

    /// What the machine is to have typed at it.
    static func typed(_ actions: [Action]) -> [UInt8] {
        actions.flatMap { action -> [UInt8] in
            if case .type(let bytes) = action { bytes } else { [] }
        }
    }

    /// The machine prints that, and everybody who watches hears it.
    func shows(_ bytes: [UInt8]) -> [Action] {
        bmc.consoleWatchers.flatMap { bmc.consoleOutput(bytes, to: $0, at: now) }
    }

    /// Somebody else who is logged in to the same BMC, from another port.
    func another(_ port: UInt16, _ body: (Console) throws -> Void) throws {
        let other = Console()
        (other.bmc, other.now, other.isPowered) = (bmc, now, isPowered)
        other.client.port = port
        other.link.id = UInt32(port)
        #expect(try other.logIn() == 0)
        #expect(try other.raise().completion == 0)
        try body(other)
        bmc = other.bmc
    }
}
