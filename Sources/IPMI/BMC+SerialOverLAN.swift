// How the machine's serial port and the consoles come together (IPMI 2.0 §15).
extension BMC {
    /// The consoles that want to hear what the machine prints, by instance.
    package var consoleWatchers: [ConsoleWatcher] {
        guard !payloads.instances.isEmpty else { return [] }
        return payloads.instances.values.filter { sessions[$0.session] != nil }.map(\.watcher)
            .sorted { $0.instance < $1.instance }
    }

    /// The machine has printed that, for one of the consoles.
    package mutating func consoleOutput(
        _ bytes: [UInt8],
        to watcher: ConsoleWatcher,
        at now: Duration
    ) -> [Action] {
        guard payloads[watcher.instance]?.watcher == watcher else { return [] }
        let packets = payloads[watcher.instance]?.show(bytes, at: now, transport.sol) ?? []
        let actions = output(packets, to: watcher.instance)
        return misbehaving.isAtWork ? misbehaving.pass(actions, at: now) : actions
    }

    /// A SOL packet of an open session, opened.
    mutating func serialOverLAN(
        _ payload: [UInt8],
        _ packet: RMCPPlusPacket,
        at now: Duration,
        machine: MachineState
    ) throws(PacketError) -> [Action] {
        guard let number = payloads.instance(of: packet.session) else { throw .notForUs }
        guard payloads[number]?.encrypts == packet.isEncrypted else { throw .wrongProtection }
        let content = try SOLPacket(decoding: payload)
        let received = payloads[number]?
            .receive(
                content,
                number: packet.sequence,
                isPowered: machine.isPowered,
                at: now,
                transport.sol
            )
        guard let received else { return [] }
        var actions: [Action] = []
        if !received.typed.isEmpty { actions.append(.type(received.typed)) }
        if received.hasBreak { actions.append(.sendBreak) }
        return actions + send(received.answers, to: number)
    }

    /// The packets that are due.
    mutating func advanceConsoles(to now: Duration) -> [Action] {
        guard !payloads.instances.isEmpty else { return [] }
        payloads.prune { sessions[$0] != nil }
        return payloads.instances.keys.sorted()
            .flatMap { number in
                output(payloads[number]?.advance(to: now, transport.sol) ?? [], to: number)
            }
    }

    var consoleDeadline: Duration? {
        payloads.instances.values.compactMap { $0.deadline(transport.sol) }.min()
    }

    /// Tells consoles that somebody else has ended what they had.
    mutating func sendFarewells() -> [Action] {
        payloads.takeEnded().flatMap { seal([SOLPacket(flags: .deactivated)], of: $0) }
    }

    /// Sends a console what the machine has printed; a BMC that misbehaves may take the console away instead.
    private mutating func output(_ packets: [SOLPacket], to number: UInt8) -> [Action] {
        guard misbehaving.isAtWork, let session = payloads[number]?.session,
            let client = sessions[session]?.client,
            misbehaving.takesConsole(before: packets.count, from: client)
        else { return send(packets, to: number) }
        payloads.end(number)
        return sendFarewells()
    }

    private mutating func send(_ packets: [SOLPacket], to number: UInt8) -> [Action] {
        guard !packets.isEmpty, let instance = payloads[number] else { return [] }
        return seal(packets, of: instance)
    }

    private mutating func seal(_ packets: [SOLPacket], of instance: SOLInstance) -> [Action] {
        guard let client = sessions[instance.session]?.client else { return [] }
        var actions: [Action] = []
        for packet in packets {
            do throws(PacketError) {
                let datagram = try sessions[instance.session]?.seal(packet, encrypting: instance.encrypts)
                if let datagram { actions.append(.send(datagram, to: client)) }
            } catch {
                actions.append(.drop(error))
            }
        }
        return actions
    }
}
