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
        private let departure: Departure

        init(_ channel: any Channel, url: String) {
            (self.channel, self.url, departure) = (channel, url, Departure(of: channel))
        }

        /// Stands still until the claim's rule is healed, the time is up or the client has left.
        @discardableResult
        func hold(for claim: Claim, atMost limit: Duration?) async -> Hold.Reason {
            await hold(for: claim, until: limit.map { .now() + TimeAmount($0) })
        }

        fileprivate func hold(for claim: Claim, until deadline: NIODeadline?) async -> Hold.Reason {
            let hold = Hold()
            claim.rule.keep(hold)
            let timer = deadline.map { deadline in
                channel.eventLoop.scheduleTask(deadline: deadline) { hold.release(.elapsed) }
            }
            departure.releases(hold)
            let reason = await hold.wait()
            timer?.cancel()
            departure.releases(nil)
            claim.rule.forget(hold)
            return reason
        }
    }

    /// Large enough that the event loop's work does not show, small enough that a count of bytes means something.
    static let pieceSize = 256 << 10

    private let moment: Moment
    private let write: @Sendable (Piece) async throws -> Void
    private let marks: [(offset: Int, mark: Flow.Mark)]
    private let endMarks: [Flow.Mark]
    private let changes: [(offset: Int, change: Flow.Change)]
    private let shapers: [Flow.Shaper]
    private let isDelayed: Bool
    /// By the shaper's place among all.
    private var meters: [Int: RateMeter] = [:]
    /// Of the next byte, counted from the first one.
    private var position = 0
    private var passedMarks = 0
    private var passedChanges = 0
    private var passedPieces = 0
    /// When the last piece left.
    private var left: NIODeadline?

    /// `header` bytes come before the body; `write` returns when the kernel has taken the piece.
    init(
        _ flow: Flow,
        header: Int = 0,
        channel: any Channel,
        url: String,
        write: @escaping @Sendable (Piece) async throws -> Void
    ) {
        (moment, self.write) = (Moment(channel, url: url), write)
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
        (shapers, isDelayed) = (flow.shapers, flow.isDelayed)
        for case (let index, .rate(let bytes)) in shapers.map(\.kind).enumerated() {
            meters[index] = RateMeter(bytesPerSecond: bytes)
        }
    }

    /// Passes on all that comes until its end, nil.
    mutating func send(from next: @escaping @Sendable () async throws -> ByteBuffer?) async throws {
        guard isDelayed else {
            while let buffer = try await next() { try await send(.bytes(buffer)) }
            return
        }
        try await withThrowingTaskGroup { group in
            let arrivals = ReadAhead()
            group.addTask {
                do {
                    while let buffer = try await next() {
                        await arrivals.put(ReadAhead.Arrival(buffer: buffer, moment: .now()))
                    }
                    arrivals.end(.success(()))
                } catch {
                    arrivals.end(.failure(error))
                }
            }
            while let arrival = try await arrivals.take() {
                try await send(.bytes(arrival.buffer), arrived: arrival.moment)
            }
            group.cancelAll()
        }
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
            if !shapers.isEmpty { left = .now() }
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
        guard let claim = mark.turn.take(), !claim.rule.isHealed else { return }
        switch await mark.act(claim, moment) {
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
        let active = shapers.enumerated().filter { !$0.element.claim.rule.isHealed }
        guard !active.isEmpty else { return count }
        // What all of them let through, before any of them counts it.
        for (index, shaper) in active {
            switch shaper.kind {
            case .delay: break
            case .rate: count = min(count, meters[index]?.most ?? count)
            case .slices(let size, _): count = min(count, max(1, size(passedPieces)))
            }
        }
        let ready = await late(arrived, by: active.map(\.element))
        for (index, shaper) in active {
            switch shaper.kind {
            case .delay: break
            case .rate:
                shaper.claim.land(["url": moment.url])
                guard let due = meters[index]?.due(count, ready: ready, now: .now()) else { continue }
                await wait(until: due, for: shaper.claim)
            case .slices(_, let pause):
                shaper.claim.land(["url": moment.url])
                if let left { await wait(until: left + TimeAmount(pause), for: shaper.claim) }
            }
        }
        passedPieces += 1
        return count
    }

    /// Waits for all delays together: when the bytes have come at the near end of the line.
    private func late(_ arrived: NIODeadline, by shapers: [Flow.Shaper]) async -> NIODeadline {
        var ready = arrived
        for shaper in shapers {
            guard case .delay(let late) = shaper.kind else { continue }
            shaper.claim.land(["url": moment.url])
            let due = ready + TimeAmount(late(passedPieces))
            let reason = await wait(until: due, for: shaper.claim)
            ready = reason == .elapsed ? due : min(due, .now())
        }
        return ready
    }

    @discardableResult
    private func wait(until deadline: NIODeadline, for claim: Claim) async -> Hold.Reason {
        guard deadline > .now() else { return .elapsed }
        return await moment.hold(for: claim, until: deadline)
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
