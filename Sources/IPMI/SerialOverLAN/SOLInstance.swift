/// One console that watches the machine's serial port and types at it (IPMI 2.0 §15).
///
/// Both ways one packet is under way at a time, until it is acknowledged. A network that loses, doubles and
/// reorders packets neither takes away nor doubles a character: repeated characters have the same sequence
/// number, and the session's own numbers tell old packets from new ones.
struct SOLInstance: Sendable {
    let watcher: ConsoleWatcher
    let session: UInt32
    var encrypts: Bool
    /// The console has said that it takes nothing at the moment.
    private var isPaused = false

    /// What was printed, from `first` on.
    private var output: [UInt8] = []
    private var first = 0
    /// When the oldest of it that is not under way was printed.
    private var waitsSince: Duration?
    private var underWay: UnderWay?
    private var lastSent: UInt8 = 0
    private var hasOverrun = false
    /// The console could not take it all: no packet before that time.
    private var notBefore: Duration?
    /// The session's number of the newest packet of all.
    private var newest: UInt32 = 0
    /// The session's number of the newest packet that acknowledged something.
    private var lastAnswer: UInt32 = 0

    private var lastReceived: UInt8 = 0
    private var lastAccepted = 0
    /// The session's number of the newest packet that carried characters.
    private var lastCarrier: UInt32 = 0

    /// A packet that waits for its acknowledgement.
    private struct UnderWay {
        var sequence: UInt8
        var count: Int
        var flags: SOLPacket.Flags
        var deadline: Duration
        var retries: UInt8
    }

    /// What came of a packet of the console.
    struct Received {
        var answers: [SOLPacket] = []
        var typed: [UInt8] = []
        var hasBreak = false
    }

    /// What is kept for a console that is slower than the machine; then the oldest goes.
    static let bound = 64 << 10
    /// The longest payload, either way.
    static let payloadLength = 255
    private static let longest = payloadLength - SOLPacket.headerLength

    init(_ watcher: ConsoleWatcher, session: UInt32, encrypts: Bool) {
        (self.watcher, self.session, self.encrypts) = (watcher, session, encrypts)
    }

    // MARK: To the console

    /// What was printed and not yet acknowledged.
    var keptCharacters: Int { output.count - first }
    private var isIdle: Bool { underWay == nil && !isPaused && keptCharacters > 0 }

    /// The machine has printed that.
    mutating func show(_ bytes: [UInt8], at now: Duration, _ settings: SOLSettings) -> [SOLPacket] {
        guard !bytes.isEmpty else { return [] }
        output += bytes
        waitsSince = waitsSince ?? now
        if keptCharacters > Self.bound {
            // What is under way cannot be taken back.
            let kept = underWay?.count ?? 0
            let excess = min(keptCharacters - Self.bound, keptCharacters - kept)
            output.removeSubrange(first + kept..<first + kept + excess)
            hasOverrun = true
        }
        return send(at: now, settings)
    }

    private mutating func drop(_ count: Int) {
        first += count
        guard first == output.count || first >= Self.bound else { return }
        output.removeFirst(first)
        first = 0
    }

    private func sendingTime(_ settings: SOLSettings) -> Duration? {
        guard isIdle, let waitsSince else { return nil }
        let isEnough = keptCharacters >= min(settings.threshold, Self.longest)
        let due = isEnough ? waitsSince : waitsSince + settings.accumulation
        return notBefore.map { max($0, due) } ?? due
    }

    private mutating func send(at now: Duration, _ settings: SOLSettings) -> [SOLPacket] {
        guard let time = sendingTime(settings), time <= now else { return [] }
        lastSent = SOLPacket.successor(of: lastSent)
        underWay = UnderWay(
            sequence: lastSent,
            count: min(keptCharacters, Self.longest),
            flags: hasOverrun ? .overrun : [],
            deadline: now + settings.retryInterval,
            retries: settings.retries
        )
        (notBefore, hasOverrun) = (nil, false)
        return packetUnderWay.map { [$0] } ?? []
    }

    private var packetUnderWay: SOLPacket? {
        underWay.map { packet in
            SOLPacket(
                sequence: packet.sequence,
                flags: packet.flags,
                characters: Array(output[first..<first + packet.count])
            )
        }
    }

    /// The console has taken, or not, what was under way.
    private mutating func acknowledge(_ packet: SOLPacket, at now: Duration, _ settings: SOLSettings) {
        guard let sent = underWay, sent.sequence == packet.acknowledged else { return }
        let taken = min(Int(packet.accepted), sent.count)
        finish(taken)
        let isFull = packet.flags.contains(.nack) || taken < sent.count
        if isFull { notBefore = now + settings.retryInterval }
    }

    private mutating func finish(_ taken: Int) {
        drop(taken)
        underWay = nil
        if keptCharacters == 0 { waitsSince = nil }
    }

    // MARK: From the console

    /// A packet of the console, with its number in the session.
    mutating func receive(
        _ packet: SOLPacket,
        number: UInt32,
        isPowered: Bool,
        at now: Duration,
        _ settings: SOLSettings
    ) -> Received {
        var received = Received()
        if Self.isNewer(number, than: newest) {
            newest = number
            isPaused = packet.flags.contains(.pause)
            if packet.flags.contains(.flushOutbound) { flush() }
        }
        if packet.acknowledged != 0, Self.isNewer(number, than: lastAnswer) {
            lastAnswer = number
            acknowledge(packet, at: now, settings)
        }
        if packet.sequence != 0 {
            take(packet, number: number, isPowered: isPowered, into: &received)
        } else if packet.flags.contains(.generateBreak) {
            received.hasBreak = isPowered
        }
        received.answers += send(at: now, settings)
        return received
    }

    private mutating func take(
        _ packet: SOLPacket,
        number: UInt32,
        isPowered: Bool,
        into received: inout Received
    ) {
        let isRepeated = packet.sequence == lastReceived
        guard Self.isNewer(number, than: lastCarrier) else {
            // Overtaken by a later packet: a repetition of the last one is answered, anything older is done with.
            if isRepeated { received.answers.append(acknowledgement(of: packet.sequence, lastAccepted)) }
            return
        }
        lastCarrier = number
        guard isPowered else {
            // Not remembered: the same characters may come again once there is power.
            return received.answers.append(
                SOLPacket(acknowledged: packet.sequence, flags: [.nack, .unavailable])
            )
        }
        // A repetition may carry more than the packet did before.
        let known = isRepeated ? lastAccepted : 0
        received.typed = Array(packet.characters.dropFirst(known))
        received.hasBreak = !isRepeated && packet.flags.contains(.generateBreak)
        (lastReceived, lastAccepted) = (packet.sequence, max(known, packet.characters.count))
        received.answers.append(acknowledgement(of: packet.sequence, packet.characters.count))
    }

    private func acknowledgement(of sequence: UInt8, _ count: Int) -> SOLPacket {
        SOLPacket(acknowledged: sequence, accepted: UInt8(count))
    }

    private mutating func flush() {
        (output, first, underWay, waitsSince) = ([], 0, nil, nil)
    }

    private static func isNewer(_ number: UInt32, than other: UInt32) -> Bool {
        Int32(bitPattern: number &- other) > 0
    }

    // MARK: Time

    func deadline(_ settings: SOLSettings) -> Duration? {
        isPaused ? nil : underWay?.deadline ?? sendingTime(settings)
    }

    mutating func advance(to now: Duration, _ settings: SOLSettings) -> [SOLPacket] {
        guard !isPaused else { return [] }
        guard var packet = underWay, packet.deadline <= now else { return send(at: now, settings) }
        guard packet.retries > 0 else {
            // Given up (IPMI 2.0 Table 26-5, parameter 4): the next packet says that something is missing.
            finish(packet.count)
            hasOverrun = true
            return send(at: now, settings)
        }
        packet.retries -= 1
        packet.deadline = now + settings.retryInterval
        underWay = packet
        return packetUnderWay.map { [$0] } ?? []
    }
}

/// One console that listens to the machine's serial port, for whoever runs the BMC: what the machine prints is
/// given to each with `BMC.consoleOutput`.
package struct ConsoleWatcher: Hashable, Sendable {
    /// 1 and up (IPMI 2.0 §24.1, payload instance).
    package let instance: UInt8
    /// Tells this activation from others of the same instance.
    let activation: UInt64
    /// How many lines of what was printed before it is to get too.
    package let history: Int
}
