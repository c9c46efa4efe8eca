import DownloadCache
import LabModel
import NIOCore
import NIOHTTP1

/// Answers for servers outside from what was recorded, and records what has to be fetched.
///
/// A download that is being recorded goes on when the client for whom it was begun leaves: others may follow it, and the
/// next one finds it whole.
final class RecordedWorld: Sendable {
    /// Asks the server outside; the head of its answer has come when it returns.
    typealias Fetch = @Sendable (UpstreamRequest, Leash) async throws -> UpstreamResponse

    private static let longestQuestion = 4 << 20

    /// What became of a fetch as soon as its head had come.
    private enum Begun: Sendable {
        case recording(Recording)
        /// Of a kind that is not kept.
        case passed(UpstreamResponse)
    }

    /// A short answer, and until when nobody looks whether the cache has another one.
    private struct Latest: Sendable {
        let contents: FileAnswer.Contents
        let until: NIODeadline
    }

    /// The next request of a crowd comes sooner.
    private static let moment = TimeAmount.milliseconds(1)

    private let cache: DownloadCache
    /// How long a server may say nothing of what is recorded: others wait for that, too.
    private let patience: Duration
    private let reporter: Reporter
    private let latest = RecentlyUsed<Question, Latest>(room: 1 << 20)
    /// By their digests.
    private let known = RecentlyUsed<String, FileAnswer.Contents>(room: 4 << 20)
    private let work: AsyncStream<@Sendable () async -> Void>
    private let begin: AsyncStream<@Sendable () async -> Void>.Continuation

    init(_ cache: DownloadCache, patience: Duration, reporter: Reporter) {
        (self.cache, self.patience, self.reporter) = (cache, patience, reporter)
        (work, begin) = AsyncStream.makeStream()
    }

    /// Records until the task is cancelled; what is not complete by then is not kept.
    func run() async {
        await withDiscardingTaskGroup { group in
            for await job in work { group.addTask { await job() } }
            group.cancelAll()
        }
    }

    /// What was recorded for a request without a body; nil when somebody has to be waited for.
    func answerAtOnce(_ request: HTTPRequest, reachesOut: Bool) -> Delivery? {
        let question = Question(request, reachesOut: reachesOut)
        if let known = latest.find(question), NIODeadline.now() < known.until {
            return FileAnswer(known.contents, to: request).delivery
        }
        do {
            let key = CacheRequest(request, body: nil)
            let recorded = try reachesOut ? cache.current(key) : cache.lookup(key)
            guard let recorded else { return nil }
            if let about = Self.about(recorded), let contents = contents(recorded, about) {
                let latest = Latest(contents: contents, until: .now() + Self.moment)
                self.latest.keep(latest, as: question, bytes: request.headLength + 1024)
            }
            return try answer(recorded, to: request)
        } catch {
            return .failure(.badGateway, "\(error)")
        }
    }

    /// What was recorded, else what is fetched now, if it may be; recorded as far as it is of a kind that is kept.
    func answer(
        _ request: HTTPRequest,
        _ body: Delivery.Stream?,
        reachesOut: Bool,
        for leash: Leash,
        fetch: @escaping Fetch
    ) async throws -> Delivery {
        // Of bodies only those of git's questions decide the answer; what changes something goes by as it comes, with
        // the conditions under which it is meant.
        let isDownload = body == nil && [.GET, .HEAD].contains(request.head.method)
        guard isDownload || CacheRequest(request, body: nil).isQuestion else {
            return try await fetch(UpstreamRequest(request, body: body), leash).delivery
        }
        let held = try await Self.collect(body)
        let key = CacheRequest(request, body: held)
        do {
            guard let claim = try reachesOut ? cache.claim(key) : cache.claimRecorded(key) else {
                return notRecorded(request)
            }
            let asked = UpstreamRequest(request, body: held.map(Delivery.Stream.init))
            switch claim {
            case .recorded(let recorded): return try answer(recorded, to: request)
            case .underWay(let other):
                // What is not kept everybody fetches for himself.
                let recording = try await other.recording { leash.hold($0) }
                leash.letGo()
                guard let recording, let followed = try await follow(recording, for: request, leash) else {
                    return try await fetch(asked, leash).delivery
                }
                return followed
            case .yours(let recorder):
                switch try await record(recorder, asked.whole, for: leash, fetch) {
                case .recording(let recording):
                    if let followed = try await follow(recording, for: request, leash) { return followed }
                    return try await fetch(asked, leash).delivery
                case .passed(let response): return response.delivery
                }
            }
        } catch let error as DownloadCacheError where !leash.isCut {
            return .failure(.badGateway, "\(error)")
        }
    }

    private func notRecorded(_ request: HTTPRequest) -> Delivery {
        .failure(
            .gatewayTimeout,
            "\(request.url) was not recorded, and the lab's uplink is “cache”: "
                + "run it once with --uplink record"
        )
    }

    /// A question in memory.
    private static func collect(_ body: Delivery.Stream?) async throws -> ByteBuffer? {
        guard let body else { return nil }
        var whole = ByteBuffer()
        while var piece = try await body.next() {
            whole.writeBuffer(&piece)
            guard whole.readableBytes <= longestQuestion else {
                throw HTTPRefusal(
                    status: .payloadTooLarge,
                    reason: "git asks for too much at once to be recorded"
                )
            }
        }
        return whole
    }

    /// Has it fetched in the background; returns when its head has come, or the client has left.
    private func record(
        _ recorder: Recorder,
        _ asked: UpstreamRequest,
        for leash: Leash,
        _ fetch: @escaping Fetch
    ) async throws -> Begun {
        let begun = Latch<Result<Begun, any Error>>()
        let result = begin.yield { [self] in
            // Told once, when it is over.
            defer { tell(recorder) }
            do {
                try await Watchdog.during(patience) { watchdog in
                    let response = try await fetch(asked, watchdog.leash)
                    let recording = try recorder.begin(
                        status: Int(response.head.status.code),
                        headers: response.head.headers.map { HeaderField($0.name, $0.value) }
                    )
                    guard let recording else {
                        begun.set(.success(.passed(response)))
                        return
                    }
                    begun.set(.success(.recording(recording)))
                    watchdog.pet()
                    while let piece = try await response.body.next() {
                        watchdog.pet()
                        try recorder.append(piece.readableBytesSpan)
                        while try !recorder.hasRoom() {
                            // Whoever reads decides how long that takes; nobody waits for the server meanwhile.
                            if recorder.isRead { watchdog.pet() }
                            guard !watchdog.leash.isCut else { throw CancellationError() }
                            try await Task.sleep(for: .milliseconds(5))
                        }
                    }
                    try await recorder.finish()
                }
            } catch {
                recorder.abandon("\(error)")
                begun.set(.failure(error))
            }
        }
        if case .terminated = result { throw CancellationError() }
        leash.hold { begun.set(.failure(CancellationError())) }
        defer { leash.letGo() }
        return try await begun.value.get()
    }

    /// What somebody will look for in vain later.
    private func tell(_ recorder: Recorder) {
        guard let why = recorder.unkept else { return }
        reporter.report("http.unkept", nil, ["reason": "\(why)", "url": recorder.url])
    }

    /// The answer while it comes; nil where it has to be whole first, and cannot be kept.
    private func follow(
        _ recording: Recording,
        for request: HTTPRequest,
        _ leash: Leash
    ) async throws -> Delivery? {
        // Without a length no part of it can be told from another.
        let wantsPart = request.head.headers.contains(name: "Range") && recording.length == nil
        if recording.mustBeWhole || wantsPart {
            let end = await recording.progress(beyond: .max) { leash.hold($0) }
            leash.letGo()
            switch end {
            case .finished(let recorded): return try answer(recorded, to: request, source: .uplink)
            case .failed(.fileSystem), .passed: return nil
            case .failed(let error): throw error
            case .growing: throw CancellationError()
            }
        }
        let headers = HTTPHeaders(recording.headers)
        let file = try OpenFile(duplicating: recording.content.number)
        if recording.status == 200, request.head.method == .GET, let length = recording.length {
            let about = FileAnswer.Description(size: length, headers: headers, source: .uplink)
            return FileAnswer(about, to: request) { .stream(recording.stream($0, of: file, leash)) }
                .delivery
        }
        return Delivery(
            status: HTTPResponseStatus(statusCode: recording.status),
            headers: headers,
            body: .stream(recording.stream(nil, of: file, leash)),
            source: .uplink
        )
    }

    private func answer(
        _ recorded: Recorded,
        to request: HTTPRequest,
        source: Delivery.Source = .cache
    ) throws -> Delivery {
        let response = recorded.response
        if let about = Self.about(recorded, source: source) {
            if let contents = contents(recorded, about) { return FileAnswer(contents, to: request).delivery }
            let file = try OpenFile(duplicating: recorded.content.number)
            return FileAnswer(about, file, to: request).delivery
        }
        let file = try OpenFile(duplicating: recorded.content.number)
        return Delivery(
            status: HTTPResponseStatus(statusCode: response.status),
            headers: HTTPHeaders(response.headers),
            body: response.size == 0 ? .nothing : .file(file, 0..<response.size),
            source: source
        )
    }

    /// Nil for what is no contents of which a part could be asked for.
    private static func about(
        _ recorded: Recorded,
        source: Delivery.Source = .cache
    ) -> FileAnswer.Description? {
        let response = recorded.response
        guard response.status == 200, recorded.method == "GET" else { return nil }
        return FileAnswer.Description(
            size: response.size,
            headers: HTTPHeaders(response.headers),
            source: source
        )
    }

    /// What is short is kept in memory: its digest is its name, so it never changes.
    private func contents(_ recorded: Recorded, _ about: FileAnswer.Description) -> FileAnswer.Contents? {
        let response = recorded.response
        guard response.size <= FileAnswer.short else { return nil }
        if let known = known.find(response.digest), known.about == about { return known }
        // What cannot be read is sent from its file, which will tell.
        guard let read = try? recorded.content.read(0..<response.size), read.count == response.size else {
            return nil
        }
        let contents = FileAnswer.Contents(about, ByteBuffer(bytes: read))
        known.keep(contents, as: response.digest, bytes: contents.room)
        return contents
    }
}

/// All of a request that could decide which recorded response answers it, word for word.
private struct Question: Hashable {
    private let head: HTTPRequestHead
    private let target: RequestTarget
    private let scheme: HTTPRequest.Scheme
    private let port: Int
    private let reachesOut: Bool

    init(_ request: HTTPRequest, reachesOut: Bool) {
        (head, target) = (request.head, request.target)
        (scheme, port, self.reachesOut) = (request.scheme, request.port, reachesOut)
    }

    static func == (left: Self, right: Self) -> Bool {
        left.target == right.target && left.head.method == right.head.method
            && left.scheme == right.scheme && left.port == right.port && left.reachesOut == right.reachesOut
            && left.head.headers.elementsEqual(right.head.headers) { $0 == $1 }
    }

    func hash(into hasher: inout Hasher) {
        hasher.combine(target.host)
        hasher.combine(target.raw)
    }
}

extension CacheRequest {
    /// As far as it decides what answers it.
    fileprivate init(_ request: HTTPRequest, body: ByteBuffer?) {
        self.init(
            request.head.method.rawValue,
            request.url,
            headers: request.head.headers.map { HeaderField($0.name, $0.value) },
            body: body.map { Array($0.readableBytesView) }
        )
    }
}

extension HTTPHeaders {
    fileprivate init(_ fields: [HeaderField]) { self.init(fields.map { ($0.name, $0.value) }) }
}

extension UpstreamRequest {
    /// For all of it, whatever the client has of it already.
    fileprivate var whole: UpstreamRequest {
        var request = self
        for name in [
            "Range", "If-Range", "If-Match", "If-None-Match", "If-Modified-Since", "If-Unmodified-Since",
        ] {
            request.headers.remove(name: name)
        }
        return request
    }
}
