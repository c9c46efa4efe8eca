import Foundation
import IPMI
import LabModel
import NIOCore
import Synchronization
import VirtualBMC

/// The Redfish service of one BMC, away from the network: a request in, an answer out.
///
/// It has no state of the machine's: that is the BMC's, the same that IPMI answers from.
///
///     let service = RedfishService(machine, bmc: server)
///     let answer = await service.answer(Call(.get, "/redfish/v1/Systems/ctl01", headers: ["authorization": …]))
package final class RedfishService: Sendable {
    package let machine: MachineDescription
    let bmc: BMCServer
    let media: MediaStore?
    let events: EventSink
    private let state = Mutex(State())
    private let works: AsyncStream<Work>
    private let workToDo: AsyncStream<Work>.Continuation

    /// What the service itself remembers.
    struct State: Sendable {
        var sessions = Sessions()
        var jobs = Jobs()
        var subscriptions = Subscriptions()
        var media = VirtualMedia()
    }

    private enum Work: Sendable {
        case tell(EventLogEntry)
        case later(Later)
    }

    /// What takes its time, beside all else.
    private enum Later: Sendable {
        case job(
            id: String,
            ended: AsyncStream<Never>.Continuation,
            body: @Sendable (Progress) async throws(Failure) -> Answer
        )
        case deliver(RedfishEvent, to: Subscription)
    }

    /// Tells how far a job is, in per cent.
    typealias Progress = @Sendable (Int) -> Void

    /// How long a client is kept waiting before it is given a task.
    private let patience: Duration
    /// The largest body of a request that is read.
    package static let largestBody = 64 << 10

    private static let tree = ResourceTree(
        [
            RootResources.all, SystemResources.all, ManagerResources.all, ChassisResources.all,
            MediaResources.all, SensorResources.all, LogResources.all, SessionResources.all,
            AccountResources.all, TaskResources.all,
            EventResources.all, RegistryResources.all,
        ].reduce(into: [:]) { all, some in
            all.merge(some) { _, _ in preconditionFailure("two resources at one path") }
        }
    )

    package init(
        _ machine: MachineDescription,
        bmc: BMCServer,
        media: MediaStore? = nil,
        patience: Duration = .seconds(2),
        events: @escaping EventSink = { _ in }
    ) {
        self.patience = patience
        (self.machine, self.bmc, self.media, self.events) = (machine, bmc, media, events)
        (works, workToDo) = AsyncStream.makeStream()
        bmc.watchLog { [workToDo] entry in workToDo.yield(.tell(entry)) }
    }

    func with<Result>(_ body: (inout State) throws -> Result) rethrows -> Result {
        try state.withLock { state in try body(&state) }
    }

    // MARK: Answering

    /// Answers any request at all.
    ///
    /// A BMC that shall misbehave does so here and nowhere else, around `honestAnswer`: instead of it (a 401, 429, 500
    /// or 503; a 204 for a change that was not made), before it (a delay), or on what it gave (a field that is not
    /// what the schema says). What it is to do is data of the BMC's own, so that one fault is IPMI's and Redfish's alike:
    /// `bmc.inspect`.
    package func answer(_ call: Call) async -> Answer {
        if let restart = bmc.inspect(\.offlineUntil) { with { $0.sessions.end(before: restart) } }
        let (answer, user) = await twistedAnswer(call)
        events(LabEvent(call, answer, user: user, node: machine.node.name))
        return answer
    }

    private func twistedAnswer(_ call: Call) async -> (Answer, user: String?) {
        let isRead = call.method == .get || call.method == .head || call.method == .options
        let segments = call.segments ?? []
        // Who cannot even log in changes nothing.
        let isChange = !isRead && !segments.contains("Sessions")
        let showsPower = isRead && ["Systems", "Chassis"].contains(segments.dropLast().last)
        let twist = bmc.twistRedfish(isChange: isChange, showsPower: showsPower)
        if twist.delay > .zero {
            // Cancelled with the service: its last answers need not be late.
            try? await Task.sleep(for: twist.delay)
        }
        if let error = twist.error { return (Failure.twisted(error).answer, nil) }
        if twist.isPretended { return (.done, nil) }
        var (answer, user) = await honestAnswer(call)
        if twist.isMalformed, case .json(.object(var body)) = answer.body, let power = body["PowerState"] {
            body["PowerState"] = .int(power == .string("On") ? 1 : 0)
            answer.body = .json(.object(body))
        }
        return (answer, user)
    }

    private func honestAnswer(_ call: Call) async -> (Answer, user: String?) {
        var user: User?
        do throws(Failure) {
            guard let method = call.method else { throw Failure(501, .operationNotAllowed) }
            if let version = call.headers["odata-version"], version != "4.0" {
                throw Failure(412, .preconditionFailed)
            }
            user = try authenticate(call)
            let (resource, scope) = try find(call, user)
            var answer = try await carryOut(method, call, resource, scope)
            answer.headers["Allow"] = resource.allowed
            return (answer, user?.name)
        } catch {
            return (error.answer, user?.name)
        }
    }

    /// What the path leads to, if the asker may see it.
    private func find(_ call: Call, _ user: User?) throws(Failure) -> (Resource, Scope) {
        let segments = call.segments ?? []
        let path = "/" + segments.joined(separator: "/")
        guard segments.first == "redfish", let found = Self.tree.find(segments.dropFirst()),
            found.ids["system", default: machine.node.name] == machine.node.name,
            found.ids["chassis", default: machine.node.name] == machine.node.name,
            found.ids["manager", default: ManagerResources.id] == ManagerResources.id
        else {
            // Who is not logged in is not told what there is.
            throw user == nil ? .unauthorized : .notFound(path)
        }
        let isPublic = found.resource.isPublic && (call.method == .get || call.method == .head)
        let isLogin = found.resource.post.map { $0.privilege == nil } ?? false && call.method == .post
        if !isPublic && !isLogin {
            guard let user else { throw .unauthorized }
            guard user.may(.login) else { throw Failure(403, .insufficientPrivilege) }
        }
        let scope = Scope(service: self, path: path, ids: found.ids, user: user, client: call.client)
        return (found.resource, scope)
    }

    private func carryOut(
        _ method: Call.Method,
        _ call: Call,
        _ resource: Resource,
        _ scope: Scope
    ) async throws(Failure) -> Answer {
        switch method {
        case .get, .head:
            if let document = resource.document { return try document(scope) }
            guard let read = resource.read else { throw .notAllowed(resource) }
            return try present(read(scope), resource, scope, call)
        case .options: return Answer(204)
        case .patch:
            guard let patch = resource.patch else { throw .notAllowed(resource) }
            try require(patch.privilege, scope)
            try await change(resource, patch, call, scope)
            guard let read = resource.read else { return .done }
            return try present(read(scope), resource, scope, call)
        case .post:
            guard let post = resource.post else { throw .notAllowed(resource) }
            if let privilege = post.privilege { try require(privilege, scope) }
            let body = try self.body(of: call)
            let action = scope.path.split(separator: "/").last.map(String.init) ?? ""
            let faults: [Message]
            if resource.read == nil {
                faults = Shape.faults(
                    in: body,
                    of: action,
                    try post.parameters(scope),
                    required: post.required
                )
            } else {
                faults =
                    post.required.filter { body[$0] == nil }
                    .map { Message(.propertyMissing, $0, about: ["#/\($0)"]) }
                    + Shape.faults(in: body, writable: try post.parameters(scope), known: [:])
            }
            guard faults.isEmpty else { throw Failure(400, faults) }
            return try await post.apply(scope, body)
        case .delete:
            guard let delete = resource.delete else { throw .notAllowed(resource) }
            try require(delete.privilege, scope)
            if let read = resource.read { try check(call, etag(of: read(scope))) }
            try await delete.apply(scope)
            return .done
        case .put: throw .notAllowed(resource)
        }
    }

    private func change(
        _ resource: Resource,
        _ patch: Resource.Patch,
        _ call: Call,
        _ scope: Scope
    ) async throws(Failure) {
        let known = try resource.read?(scope) ?? [:]
        try check(call, etag(of: known))
        let changes = try body(of: call)
        guard changes.contains(where: { !$0.key.contains("@") }) else { throw Failure(400, .emptyJSON) }
        let always: JSON.Object = ["Id": nil, "Name": nil]
        let faults = Shape.faults(
            in: changes,
            writable: try patch.writable(scope),
            known: known.merging(always) { known, _ in known }
        )
        guard faults.isEmpty else { throw Failure(400, faults) }
        try await patch.apply(scope, changes)
    }

    private func require(_ privilege: Privilege, _ scope: Scope) throws(Failure) {
        guard let user = scope.user else { throw .unauthorized }
        guard user.may(privilege) else { throw Failure(403, .insufficientPrivilege) }
    }

    /// The object that a request brings; one without a body brings an empty one.
    private func body(of call: Call) throws(Failure) -> JSON.Object {
        guard call.body.count <= Self.largestBody else { throw Failure(413, .payloadTooLarge) }
        guard !call.body.isEmpty else { return [:] }
        if let type = call.headers["content-type"]?.split(separator: ";").first.map(String.init),
            type.lowercased().trimmingCharacters(in: .whitespaces) != "application/json"
        {
            throw Failure(415, .unrecognizedRequestBody)
        }
        let json: JSON
        do {
            json = try JSON(parsing: call.body)
        } catch {
            throw Failure(400, .malformedJSON)
        }
        guard let object = json.object else { throw Failure(400, .unrecognizedRequestBody) }
        return object
    }

    // MARK: Presenting

    private func present(
        _ body: JSON.Object,
        _ resource: Resource,
        _ scope: Scope,
        _ call: Call
    ) throws(Failure) -> Answer {
        var body = body
        let tag = etag(of: body)
        let isCollection = body["Members"] != nil
        try Query(call.query, isCollection: isCollection).apply(to: &body) { path in read(path, scope) }
        let answer = Answer(
            200,
            resource.type.isEmpty
                ? .json(.object(body)) : .json(.object(annotate(body, resource, at: scope.path, tag))),
            headers: ["ETag": tag]
        )
        if let wanted = call.headers["if-none-match"], matches(wanted, tag), call.method != .patch {
            return Answer(304, .none, headers: ["ETag": tag])
        }
        return answer
    }

    private func annotate(
        _ body: JSON.Object,
        _ resource: Resource,
        at path: String,
        _ tag: String
    ) -> JSON.Object {
        var body = body
        body["@odata.id"] = .string(path)
        body["@odata.type"] = .string("#" + resource.type)
        body["@odata.etag"] = .string(tag)
        if body["Members"] == nil, body["Id"] == nil {
            body["Id"] = .string(path.split(separator: "/").last.map(String.init) ?? "")
        }
        return body
    }

    /// A resource as a whole, for a collection that shall show its members; nil when it is not there.
    private func read(_ path: String, _ scope: Scope) -> JSON.Object? {
        guard let found = Self.tree.find(path.split(separator: "/").dropFirst().map(String.init)[...]),
            let read = found.resource.read
        else { return nil }
        do throws(Failure) {
            let body = try read(
                Scope(service: self, path: path, ids: found.ids, user: scope.user, client: scope.client)
            )
            return annotate(body, found.resource, at: path, etag(of: body))
        } catch {
            return nil
        }
    }

    /// A number of the contents (FNV-1a, 64 bits); the time of day is not what a client wants to guard.
    private func etag(of body: JSON.Object) -> String {
        var stable = body
        stable["DateTime"] = nil
        var hash: UInt64 = 0xCBF2_9CE4_8422_2325
        for byte in JSON.object(stable).bytes { hash = (hash ^ UInt64(byte)) &* 0x0100_0000_01B3 }
        return "\"\(String(hash, radix: 16))\""
    }

    private func check(_ call: Call, _ tag: String) throws(Failure) {
        if let wanted = call.headers["if-match"], !matches(wanted, tag) {
            throw Failure(412, .preconditionFailed)
        }
    }

    private func matches(_ header: String, _ tag: String) -> Bool {
        header.split(separator: ",").contains { part in
            let part = part.trimmingCharacters(in: .whitespaces)
            return part == "*" || part == tag || part == "W/" + tag
        }
    }

    // MARK: Jobs

    /// Does what takes its time; the answer is the job's own, or a task when that does not come soon.
    func begin(
        _ name: String,
        on target: String,
        _ body: @escaping @Sendable (Progress) async throws(Failure) -> Answer
    ) async throws(Failure) -> Answer {
        guard let job = with({ $0.jobs.begin(name, on: target, at: time) }) else {
            throw .unavailable(retryIn: 5)
        }
        let (ends, ended) = AsyncStream<Never>.makeStream()
        workToDo.yield(.later(.job(id: job.id, ended: ended, body: body)))
        await withTaskGroup { group in
            group.addTask { for await _ in ends {} }
            // Cancelled when the job has ended first.
            group.addTask { [patience] in try? await Task.sleep(for: patience) }
            await group.next()
            group.cancelAll()
        }
        let (answer, listed) = with { state -> (Answer?, Job) in
            if case .ended(let answer) = state.jobs[job.id]?.state {
                state.jobs[job.id] = nil
                return (answer, job)
            }
            state.jobs[job.id]?.isListed = true
            return (nil, state.jobs[job.id] ?? job)
        }
        if let answer { return answer }
        return TaskResources.accepted(listed)
    }

    /// Does jobs and delivers events, until cancelled.
    package func run() async {
        await withDiscardingTaskGroup { group in
            for await work in works {
                switch work {
                // In the order of the log, in which the events are numbered.
                case .tell(let entry): tell(entry)
                case .later(let work): group.addTask { await self.perform(work) }
                }
            }
        }
    }

    private func perform(_ work: Later) async {
        switch work {
        case .job(let id, let ended, let body):
            let delay = bmc.delayOfTask()
            // Cancelled with the service: what it does then need not be late.
            if delay > .zero { try? await Task.sleep(for: delay) }
            let answer: Answer
            do throws(Failure) {
                answer = try await body { percent in self.with { $0.jobs[id]?.percent = percent } }
            } catch {
                answer = error.answer
            }
            with { $0.jobs.end(id, answer, at: time) }
            ended.finish()
        case .deliver(let event, let subscription):
            if await EventCourier.deliver(event, to: subscription) { return }
            with { $0.subscriptions[subscription.id]?.isSuspended = true }
        }
    }

    func deliver(_ event: RedfishEvent, to subscription: Subscription) {
        workToDo.yield(.later(.deliver(event, to: subscription)))
    }
}
