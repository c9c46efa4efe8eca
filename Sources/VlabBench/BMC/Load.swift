import Glibc
import IPMI

/// Clients that ask BMCs all at once: each has a socket of its own and one question under way.
///
/// What can be made before is, so that asking costs less than answering.
final class Load {
    /// What a client does all the time.
    enum Job: Sendable {
        /// Get Chassis Status, in one session.
        case status
        /// Log in, raise the level, log out.
        case session
        /// Log in and say no more.
        case abandonedSession
        /// Ask for a session and say no more.
        case abandonedLogIn
        /// Hard reset (Chassis Control, IPMI 2.0 §28.3), in one session.
        case reset
    }

    struct Outcome: Sendable {
        var count = 0
        /// Seconds from each question to its answer, or from a log-in to the end of its session.
        var times: [Double] = []
        /// How often a question was asked again because nobody had answered it for a second.
        var repeats = 0
        /// What was answered with a refusal.
        var refusals = 0
        /// Completion codes of commands, or a log-in's statuses.
        var refusedWith: Set<UInt8> = []
        var seconds = 0.0
        var rate: Double { Double(count) / seconds }

        func quantile(_ part: Double) -> Double {
            let sorted = times.sorted()
            return sorted.isEmpty ? .nan : sorted[min(sorted.count - 1, Int(part * Double(sorted.count)))]
        }
    }

    private struct Client {
        let port: Int
        var peer: DatagramPeer
        let job: Job
        var console: RemoteConsole
        var outcome = Outcome()
        /// Packets that are ready, the next one last.
        var prepared: [[UInt8]] = []
        var last: [UInt8] = []
        var began = 0.0
        var asked = 0.0
    }

    private var clients: [Client]
    private var sockets: [pollfd]
    private let patience: Double
    /// How much of a processor's time the asking itself took.
    private(set) var ownShare = 0.0

    /// Packets are made ahead for that many answers in all.
    private static let ahead = 40_000
    private static let repetition = 1.0
    private static let checked = 64

    /// One client for each port and job.
    init(_ jobs: [(port: Int, job: Job)], account: Account, patience: Double = 10) throws {
        self.patience = patience
        clients = try jobs.map { port, job in
            Client(port: port, peer: try DatagramPeer(port: port), job: job, console: RemoteConsole(account))
        }
        sockets = clients.map { pollfd(fd: $0.peer.socket, events: Int16(POLLIN), revents: 0) }
    }

    /// Asks for so long, or so often in all; gives each client's outcome.
    ///
    /// Those with one of the jobs may rest.
    func run(seconds: Double, count: Int = .max, without resting: Job? = nil) throws -> [Outcome] {
        for index in clients.indices where [.status, .reset].contains(clients[index].job) {
            if !clients[index].console.isLoggedIn { try logIn(index) }
            guard clients[index].job == .status, clients[index].prepared.isEmpty else { continue }
            clients[index].prepared = try clients[index].console
                .prepare(Self.ahead / clients.count, 0x00, 0x01).reversed()
        }
        let (start, processor) = (Self.now, Self.processorTime)
        for index in clients.indices {
            clients[index].outcome = Outcome()
            if clients[index].job != resting { try begin(index) }
        }
        while true {
            let now = Self.now
            let done = clients.reduce(0) { $0 + $1.outcome.count }
            if now - start >= seconds || done >= count { break }
            try wait { index, datagram in
                if try take(index, datagram) { try begin(index) }
            }
        }
        let took = Self.now - start
        ownShare = (Self.processorTime - processor) / took
        try settle()
        return clients.map { client in
            var outcome = client.outcome
            outcome.seconds = took
            return outcome
        }
    }

    /// Has the machine behind each client that is to reset one switched on.
    func powerOn() throws {
        for index in clients.indices where clients[index].job == .reset {
            try logIn(index)
            try ask(index, try clients[index].console.command(0x00, 0x02, [0x01]))
            try settle()
        }
    }

    /// Ends the sessions that clients are in.
    func logOut() throws {
        for index in clients.indices where clients[index].console.hasSession {
            clients[index].console.drop(clients[index].prepared.count)
            clients[index].prepared = []
            clients[index].began = Self.now
            try ask(index, try clients[index].console.logOut())
        }
        while clients.contains(where: { !$0.last.isEmpty }) {
            try wait { index, datagram in
                _ = try clients[index].console.receive(datagram)
                clients[index].last = []
            }
        }
    }

    // MARK: One client

    private func logIn(_ index: Int) throws {
        clients[index].began = Self.now
        try ask(index, clients[index].console.logIn())
        while !clients[index].console.isLoggedIn {
            try wait { index, datagram in
                if let next = try clients[index].console.receive(datagram) { try ask(index, next) }
            }
        }
        clients[index].last = []
    }

    private func begin(_ index: Int) throws {
        clients[index].began = Self.now
        switch clients[index].job {
        case .status:
            let packet = try clients[index].prepared.popLast() ?? clients[index].console.command(0x00, 0x01)
            try ask(index, packet)
        case .reset: try ask(index, try clients[index].console.command(0x00, 0x02, [0x03]))
        case .session, .abandonedSession, .abandonedLogIn:
            // As each run of ipmitool has one of its own; some servers know sessions by it.
            clients[index].peer = try DatagramPeer(port: clients[index].port)
            sockets[index].fd = clients[index].peer.socket
            try ask(index, clients[index].console.logIn())
        }
    }

    /// Takes an answer; whether the client is ready for the next question.
    private func take(_ index: Int, _ datagram: [UInt8]) throws -> Bool {
        do {
            switch clients[index].job {
            case .status:
                if clients[index].outcome.count % Self.checked == 0 {
                    try clients[index].console.check(datagram)
                } else if datagram.count < 40 {
                    throw BenchError("a status of \(datagram.count) bytes")
                }
            case .reset: _ = try clients[index].console.receive(datagram)
            case .session, .abandonedSession:
                if let next = try clients[index].console.receive(datagram) {
                    try ask(index, next)
                    return false
                }
                if clients[index].job == .session, clients[index].console.isLoggedIn {
                    try ask(index, try clients[index].console.logOut())
                    return false
                }
            case .abandonedLogIn: _ = try clients[index].console.receive(datagram)
            }
        } catch let refusal as RemoteConsole.Refusal {
            clients[index].outcome.refusals += 1
            clients[index].outcome.refusedWith.insert(refusal.status)
            clients[index].last = []
            switch clients[index].job {
            // What was to be done is not done.
            case .status, .session: return true
            case .abandonedSession, .abandonedLogIn, .reset: break
            }
        }
        clients[index].last = []
        clients[index].outcome.count += 1
        clients[index].outcome.times.append(Self.now - clients[index].began)
        return true
    }

    private func ask(_ index: Int, _ datagram: [UInt8]) throws {
        (clients[index].last, clients[index].asked) = (datagram, Self.now)
        try clients[index].peer.send(datagram)
    }

    // MARK: Waiting

    /// Waits for answers and hands on those that have come; asks again what nobody answers.
    private func wait(_ body: (Int, [UInt8]) throws -> Void) throws {
        _ = unsafe poll(&sockets, nfds_t(sockets.count), 100)
        for index in sockets.indices {
            if sockets[index].revents != 0, let datagram = try clients[index].peer.receive() {
                // What comes after a repetition answers nothing that is still asked.
                if !clients[index].last.isEmpty { try body(index, datagram) }
            } else if !clients[index].last.isEmpty, Self.now - clients[index].asked > Self.repetition {
                guard Self.now - clients[index].began < patience else {
                    throw BenchError("no answer within \(patience) s")
                }
                clients[index].outcome.repeats += 1
                try ask(index, clients[index].last)
            }
        }
    }

    /// What is under way is waited for, so that whatever is next begins with nothing.
    private func settle() throws {
        while clients.contains(where: { !$0.last.isEmpty }) {
            try wait { index, _ in clients[index].last = [] }
        }
    }

    private static var now: Double { seconds(CLOCK_MONOTONIC) }
    private static var processorTime: Double { seconds(CLOCK_PROCESS_CPUTIME_ID) }

    private static func seconds(_ clock: clockid_t) -> Double {
        var time = timespec()
        // Both clocks exist on every Linux.
        _ = unsafe clock_gettime(clock, &time)
        return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
    }
}
