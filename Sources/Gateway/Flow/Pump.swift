import LabModel
import NIOCore

/// Carries out a flow: takes the bytes of one direction piece by piece, and passes them on as the flow says.
///
/// Used by one task, on the event loop of the channel that it writes to.
struct Pump {
    /// Some bytes that follow each other.
    enum Piece: Sendable {
        case bytes(ByteBuffer)
        case file(OpenFile, Range<Int>)

        var count: Int {
            switch self {
            case .bytes(let buffer): buffer.readableBytes
            case .file(_, let range): range.count
            }
        }
    }

    /// The flow ended the connection before its bytes did.
    enum Cut: Error { case close, reset }

    /// Where in its stream a pump is, for what happens there.
    struct Moment: Sendable {
        let channel: any Channel
        let url: String

        /// Stands still until the claim's rule is healed, the time is up or the client has left.
        func hold(for claim: Claim, atMost limit: Duration?) async {
            await Pump.hold(on: channel, for: claim, until: limit.map { .now() + TimeAmount($0) })
        }
    }

    /// Large enough that the event loop's work does not show, small enough that a count of bytes means something.
    private static let pieceSize = 256 << 10
    /// How much of a second's bytes leave together when the rate is limited: fine enough to look like a stream.
    private static let beat = 0.02

    private let moment: Moment
    private let write: @Sendable (Piece) async throws -> Void
    private let marks: [(offset: Int, mark: Flow.Mark)]
    private let endMarks: [Flow.Mark]
    private let changes: [(offset: Int, change: Flow.Change)]
    private let shapers: [Flow.Shaper]
    /// Of the next byte, counted from the first one.
    private var position = 0
    private var passedMarks = 0
    private var passedChanges = 0
    private var passedPieces = 0
    /// When the bytes that have left would have left at the limited rate.
    private var rateDue: NIODeadline?

    /// `header` bytes come before the body; `write` returns when the kernel has taken the piece.
    init(
        _ flow: Flow,
        header: Int = 0,
        channel: any Channel,
        url: String,
        write: @escaping @Sendable (Piece) async throws -> Void
    ) {
        (moment, self.write) = (Moment(channel: channel, url: url), write)
        func offset(_ place: Flow.Place) -> Int? {
            switch place {
            case .stream(let count): count
            case .body(let count): header + count
            case .end: nil
            }
        }
        // Sorting is stable: of one place in the order in which they were set.
        marks = flow.marks.compactMap { mark in offset(mark.place).map { ($0, mark) } }
            .sorted { $0.0 < $1.0 }
        endMarks = flow.marks.filter { $0.place == .end }
        changes = flow.changes.compactMap { change in offset(change.place).map { ($0, change) } }
            .sorted { $0.0 < $1.0 }
        shapers = flow.shapers
    }

    /// Passes a piece on that arrived at that moment.
    ///
    /// Throws `Cut`, what `write` throws, or that the task was cancelled.
    mutating func send(_ piece: Piece, arrived: NIODeadline = .now()) async throws {
        var sent = 0
        while sent < piece.count {
            try await actOnMarks()
            let count = await room(for: piece.count - sent, arrived: arrived)
            try Task.checkCancellation()
            try await write(altered(piece.part(sent, count)))
            position += count
            sent += count
        }
    }

    /// What is to happen behind the last byte that has come, and behind the last one of all.
    mutating func finish() async throws {
        try await actOnMarks()
        for mark in endMarks { try await act(mark) }
    }

    private mutating func actOnMarks() async throws {
        while passedMarks < marks.count, marks[passedMarks].offset <= position {
            passedMarks += 1
            try await act(marks[passedMarks - 1].mark)
        }
    }

    private func act(_ mark: Flow.Mark) async throws {
        switch await mark.act(moment) {
        case .goOn: try Task.checkCancellation()
        case .close: throw Cut.close
        case .reset: throw Cut.reset
        }
    }

    /// Waits until bytes may leave; how many, at most up to the next place where something happens.
    private mutating func room(for available: Int, arrived: NIODeadline) async -> Int {
        var count = min(available, Self.pieceSize)
        if passedMarks < marks.count { count = min(count, marks[passedMarks].offset - position) }
        while passedChanges < changes.count, changes[passedChanges].offset < position { passedChanges += 1 }
        if passedChanges < changes.count {
            let distance = changes[passedChanges].offset - position
            count = distance == 0 ? 1 : min(count, distance)
        }
        defer { passedPieces += 1 }
        for shaper in shapers where !shaper.claim.rule.isHealed {
            shaper.claim.land(["url": moment.url])
            switch shaper.kind {
            case .delay(let late):
                await wait(until: arrived + TimeAmount(late(passedPieces)), for: shaper.claim)
            case .rate(let bytes):
                count = min(count, max(1, Int(Double(bytes) * Self.beat)))
                let now = NIODeadline.now()
                // What was not used is lost, but for one beat: a late timer must not slow the whole.
                let earliest = now - .nanoseconds(Int64(Self.beat * 2e9))
                let due = max(rateDue ?? now, earliest)
                await wait(until: due, for: shaper.claim)
                rateDue = due + .nanoseconds(Int64(Double(count) / Double(max(1, bytes)) * 1e9))
            case .slices(let size, let pause):
                count = min(count, max(1, size(passedPieces)))
                if passedPieces > 0 { await wait(until: .now() + TimeAmount(pause), for: shaper.claim) }
            }
        }
        return count
    }

    private func wait(until deadline: NIODeadline, for claim: Claim) async {
        guard deadline > .now() else { return }
        await Self.hold(on: moment.channel, for: claim, until: deadline)
    }

    private static func hold(on channel: any Channel, for claim: Claim, until deadline: NIODeadline?) async {
        let hold = Hold()
        claim.rule.keep(hold)
        let timer = deadline.map { deadline in
            channel.eventLoop.scheduleTask(deadline: deadline) { hold.release(.elapsed) }
        }
        channel.closeFuture.whenComplete { _ in hold.release(.clientLeft) }
        _ = await hold.wait()
        timer?.cancel()
        claim.rule.forget(hold)
    }

    /// A single byte that a change is about, changed.
    private mutating func altered(_ piece: Piece) throws -> Piece {
        guard passedChanges < changes.count, changes[passedChanges].offset == position else { return piece }
        var buffer = try piece.bytes()
        while passedChanges < changes.count, changes[passedChanges].offset == position {
            let change = changes[passedChanges].change
            passedChanges += 1
            guard !change.claim.rule.isHealed, let byte: UInt8 = buffer.getInteger(at: buffer.readerIndex)
            else { continue }
            change.claim.land(["url": moment.url, "at": "\(position)"])
            buffer.setInteger(byte ^ change.mask, at: buffer.readerIndex)
        }
        return .bytes(buffer)
    }
}

extension Pump.Piece {
    func part(_ offset: Int, _ count: Int) -> Self {
        switch self {
        case .bytes(let buffer):
            .bytes(buffer.getSlice(at: buffer.readerIndex + offset, length: count) ?? ByteBuffer())
        case .file(let file, let range):
            .file(file, range.lowerBound + offset..<range.lowerBound + offset + count)
        }
    }

    /// In memory.
    func bytes() throws -> ByteBuffer {
        switch self {
        case .bytes(let buffer): buffer
        case .file(let file, let range): try file.read(range)
        }
    }
}
