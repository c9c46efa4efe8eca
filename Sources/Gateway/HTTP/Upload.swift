import NIOCore

/// A request on its way up to the server, as faults have it.
struct Upload: Sendable {
    private let requests: LentRequests
    /// What has come through, the head first; nil where nothing is to happen on the way.
    private let arrived: ReadAhead?

    /// For the time of the body: what it does not ask for travels on nevertheless, so that a delay makes nothing slow.
    static func during<Result>(
        _ requests: LentRequests,
        _ flow: Flow,
        _ request: HTTPRequest,
        on channel: any Channel,
        _ body: (Upload) async throws -> Result
    ) async throws -> Result {
        guard !flow.isPlain else { return try await body(Upload(requests: requests, arrived: nil)) }
        let arrived = ReadAhead()
        return try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask {
                do {
                    try await travel(requests, flow, request, on: channel, to: arrived)
                    arrived.end(.success(()))
                } catch {
                    arrived.end(.failure(error))
                }
            }
            defer { group.cancelAll() }
            return try await body(Upload(requests: requests, arrived: arrived))
        }
    }

    private static func travel(
        _ requests: LentRequests,
        _ flow: Flow,
        _ request: HTTPRequest,
        on channel: any Channel,
        to arrived: ReadAhead
    ) async throws {
        let head = Countdown(request.headLength)
        var pump = Pump(flow, header: head.rest, channel: channel, url: request.url) { piece in
            // The head itself is known already: only its time counts.
            let isHead = head.take(piece.count) > 0
            if isHead, head.rest > 0 { return }
            await arrived.put(
                ReadAhead.Arrival(buffer: isHead ? ByteBuffer() : try piece.bytes(), moment: .now())
            )
        }
        try await pump.send(.bytes(ByteBuffer(repeating: 0, count: head.rest)))
        try await pump.send(from: requests.piece)
        try await pump.finish()
    }

    /// Returns when the head has come through.
    func begin() async throws { _ = try await arrived?.take() }

    /// More of the body, when it has come through; nil at its end.
    func next() async throws -> ByteBuffer? {
        guard let arrived else { return try await requests.piece() }
        return try await arrived.take()?.buffer
    }
}
