/// Something that takes its time; a client that does not wait for it is given a task to look at.
struct Job: Hashable, Sendable {
    enum State: Hashable, Sendable {
        case running
        case ended(Answer)
    }

    var id: String
    var name: String
    /// The path that was asked.
    var target: String
    var state = State.running
    /// 0 to 100.
    var percent = 0
    var begun: String
    var ended: String?
    /// Whether a client was told of it.
    var isListed = false
}

/// The jobs that clients may look at: those that run, and the last that ended.
struct Jobs: Sendable {
    static let limit = 64

    private var next = 1
    private var jobs: [String: Job] = [:]

    subscript(_ id: String) -> Job? {
        get { jobs[id] }
        set { jobs[id] = newValue }
    }

    var listed: [Job] {
        jobs.values.filter(\.isListed).sorted { ($0.id.count, $0.id) < ($1.id.count, $1.id) }
    }

    /// Nil when as many run as may.
    mutating func begin(_ name: String, on target: String, at time: String) -> Job? {
        if jobs.count >= Self.limit {
            let old = listed.first { $0.state != .running }
            guard let old else { return nil }
            jobs[old.id] = nil
        }
        let job = Job(id: "\(next)", name: name, target: target, begun: time)
        next += 1
        jobs[job.id] = job
        return job
    }

    mutating func end(_ id: String, _ answer: Answer, at time: String) {
        jobs[id]?.state = .ended(answer)
        jobs[id]?.ended = time
        jobs[id]?.percent = 100
    }
}
