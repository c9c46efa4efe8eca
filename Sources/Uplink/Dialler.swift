import Glibc
import LabModel

/// Makes a connection on the host: to a server, or through one of the host's proxies.
struct Dialler: Sendable {
    let proxies: ProxySettings
    let mappings: [ConnectTo]
    let limit: Duration

    /// How much of a start an address has over the next one (RFC 8305 §5).
    private static let headStart = Duration.milliseconds(250)

    /// Blocks its thread; gives up when `asker`, the socket of whoever wants it, is closed.
    func dial(
        _ target: UplinkTarget,
        for purpose: UplinkPurpose,
        asker: Int32
    ) throws(UplinkError) -> UplinkConnection {
        let deadline = Deadline(after: limit)
        let mapped = mappings.lazy.compactMap { $0.apply(to: target) }.first
        if mapped == nil { try Self.admit(target) }
        let target = mapped ?? target
        guard let proxy = proxies.proxy(for: purpose, to: target) else {
            let socket = try connect(to: target, sparingThisHost: mapped == nil, deadline, asker)
            return UplinkConnection(socket: socket, form: .direct)
        }
        let socket: OwnedSocket
        do {
            socket = try connect(to: proxy.target, sparingThisHost: false, deadline, asker)
        } catch .failed(let failure, let text) {
            throw .failed(failure, "the host's proxy \(proxy.target): \(text)")
        }
        // A request in absolute form goes where it says: what leads elsewhere goes through a tunnel.
        if purpose == .http, mapped == nil {
            return UplinkConnection(socket: socket, form: .proxy(authorization: proxy.authorization))
        }
        try ProxyTunnel(proxy: proxy, target: target, deadline: deadline).open(socket.number)
        return UplinkConnection(socket: socket, form: .direct)
    }

    /// Addresses that a lab's user must allow: what listens for this host alone, clouds' secrets at link-local ones, and
    /// private networks, of which a pod's files name another one than the host's.
    ///
    /// A name that leads to a private network is the host's own, and is let pass.
    private static func admit(_ target: UplinkTarget) throws(UplinkError) {
        switch Resolver.literal(target)?.scope {
        case nil, .world: return
        case .here: throw forbidden(target)
        case .site:
            throw .failed(
                .unreachable,
                "\(target) is an address of a private network, of which the host's may be another one; "
                    + "if it is the one that is meant: --connect-to \(target):\(target)"
            )
        }
    }

    private static func forbidden(_ target: UplinkTarget) -> UplinkError {
        .failed(
            .unreachable,
            "\(target) is this host itself or on its link, which a lab reaches only with --connect-to \(target):\(target)"
        )
    }

    /// The first of the target's addresses that answers; each has a head start over the next.
    private func connect(
        to target: UplinkTarget,
        sparingThisHost: Bool,
        _ deadline: Deadline,
        _ asker: Int32
    ) throws(UplinkError) -> OwnedSocket {
        var waiting = try Resolver.endpoints(of: target, until: deadline)[...]
        if sparingThisHost {
            waiting.removeAll { $0.scope == .here }
            guard !waiting.isEmpty else { throw Self.forbidden(target) }
        }
        var race = Race()
        defer { race.end() }
        while true {
            if let next = waiting.popFirst() { race.start(next) }
            guard !race.isEmpty else {
                if waiting.isEmpty { throw race.failure(target) }
                continue
            }
            // The next one's turn comes when the head start is over, or none is left that may still answer.
            let turn = Deadline(after: waiting.isEmpty ? deadline.remaining : Self.headStart)
            while !race.isEmpty, !turn.hasPassed, !deadline.hasPassed {
                let limit = deadline.milliseconds(atMost: turn.remaining)
                if let winner = try race.wait(limit, asker) { return winner }
            }
            if deadline.hasPassed { throw .failed(.timedOut, "\(target): no answer within \(limit.brief)") }
        }
    }
}

/// Connections that are being made, of which the first one wins.
private struct Race {
    private var sockets: [(number: Int32, endpoint: Endpoint)] = []
    private var failures: [(error: Int32, endpoint: Endpoint)] = []

    var isEmpty: Bool { sockets.isEmpty }

    mutating func start(_ endpoint: Endpoint) {
        let socket = endpoint.startConnecting()
        if socket < 0 {
            failures.append((errno, endpoint))
        } else {
            sockets.append((socket, endpoint))
        }
    }

    /// The winner, when there is one within that time; those who failed are out.
    mutating func wait(_ milliseconds: Int32, _ asker: Int32) throws(UplinkError) -> OwnedSocket? {
        var polled = sockets.map { pollfd($0.number, POLLOUT) } + [pollfd(asker, 0)]
        poll(&polled, milliseconds: milliseconds)
        // Asked for nothing, poll(2) tells the end.
        if polled.last?.isDue == true { throw .cancelled }
        for index in sockets.indices.reversed() where polled[index].isDue {
            let (socket, endpoint) = sockets.remove(at: index)
            var error: Int32 = 0
            var size = socklen_t(MemoryLayout<Int32>.size)
            if getsockopt(socket, SOL_SOCKET, SO_ERROR, &error, &size) == 0, error == 0 {
                return OwnedSocket(owning: socket)
            }
            close(socket)
            failures.append((error, endpoint))
        }
        return nil
    }

    /// What is told when nobody won: the first failure of an address that could be reached at all.
    func failure(_ target: UplinkTarget) -> UplinkError {
        let unreachable: Set<Int32> = [ENETUNREACH, EHOSTUNREACH, EADDRNOTAVAIL, EAFNOSUPPORT, EACCES, EPERM]
        guard let told = failures.first(where: { !unreachable.contains($0.error) }) ?? failures.first else {
            return .failed(.unreachable, "\(target): it has no address")
        }
        let kind: UplinkError.Failure =
            switch told.error {
            case ECONNREFUSED: .refused
            case ETIMEDOUT: .timedOut
            default: .unreachable
            }
        let through = told.endpoint.text == "\(target)" ? "" : " (\(told.endpoint.text))"
        return .failed(kind, "\(target)\(through): \(words(of: told.error))")
    }

    /// Closes those that are left.
    mutating func end() {
        for (socket, _) in sockets { close(socket) }
        sockets = []
    }
}
