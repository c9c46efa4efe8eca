import Clibssh2

/// What a command on the other side came to.
package struct SSHResult: Hashable, Sendable {
    /// Its exit status; 128 + 9 and the like stand in `signal` instead, and this is then -1.
    package var status: Int32
    /// The signal that ended it, such as `KILL`.
    package var signal: String?
    package var output: [UInt8]
    package var errors: [UInt8]
    /// Whether it wrote more than was asked to be kept.
    package var truncated: Bool

    package var succeeded: Bool { status == 0 && signal == nil }
    package var outputText: String { String(decoding: output, as: UTF8.self) }
    package var errorText: String { String(decoding: errors, as: UTF8.self) }
}

/// A log-in on one host, on which commands run one after the other. Open several for several at once.
///
///     let node = try await SSHSession.connect(to: .init(host: "10.20.0.50"), key: key, within: .seconds(5))
///     let result = try await node.run("ip -br addr")
///     try await node.upload(script, to: "/etc/setup.sh", mode: 0o755)
///     await node.close()
package actor SSHSession {
    package nonisolated let endpoint: SSHEndpoint
    private let executor: BlockingExecutor
    package nonisolated var unownedExecutor: UnownedSerialExecutor { executor.asUnownedSerialExecutor() }
    private var transport: Transport?

    private init(_ endpoint: SSHEndpoint) {
        self.endpoint = endpoint
        executor = BlockingExecutor(label: "vlab.ssh.\(endpoint.host)")
    }

    /// Connects and logs in.
    ///
    /// `silence` is how long the host may answer nothing before the session counts as lost.
    package static func connect(
        to endpoint: SSHEndpoint,
        key: SSHKey,
        hostKeys: HostKeyPolicy = .acceptAny,
        within limit: Duration = .seconds(10),
        silence: Duration = .seconds(30)
    ) async throws(SSHError) -> SSHSession {
        let session = SSHSession(endpoint)
        try await session.open(key, hostKeys, limit, silence)
        return session
    }

    private func open(
        _ key: SSHKey,
        _ hostKeys: HostKeyPolicy,
        _ limit: Duration,
        _ silence: Duration
    )
        throws(SSHError)
    {
        transport = try Transport(
            to: endpoint,
            key: key,
            hostKeys: hostKeys,
            silence: silence,
            deadline: Deadline(limit, "connect", endpoint.description)
        )
    }

    /// Whether the session can be used; false once a call has found it lost.
    package var isOpen: Bool { transport != nil }

    /// Runs a shell command to its end.
    ///
    /// Of each stream the first `limit` bytes are kept.
    ///
    /// When the time is over the error is `timedOut` and the session is closed; the command may go on over there.
    package func run(
        _ command: String,
        input: [UInt8] = [],
        within time: Duration = .seconds(60),
        keeping limit: Int = 1 << 20
    ) throws(SSHError) -> SSHResult {
        var output = Bounded(limit)
        var errors = Bounded(limit)
        let end = try execute(command, input, time) { bytes, isError in
            if isError { errors.append(bytes) } else { output.append(bytes) }
        }
        return SSHResult(
            status: end.status,
            signal: end.signal,
            output: output.bytes,
            errors: errors.bytes,
            truncated: output.truncated || errors.truncated
        )
    }

    /// Runs a shell command and hands on each line, of either stream, as soon as it is complete.
    ///
    /// The result has the status only. `line` is called on the session's own queue and must not wait.
    package func run(
        _ command: String,
        input: [UInt8] = [],
        within time: Duration,
        line: @Sendable (String) -> Void
    ) throws(SSHError) -> SSHResult {
        var output = LineSplitter()
        var errors = LineSplitter()
        let end = try execute(command, input, time) { bytes, isError in
            if isError { errors.split(bytes, line) } else { output.split(bytes, line) }
        }
        output.finish(line)
        errors.finish(line)
        return SSHResult(status: end.status, signal: end.signal, output: [], errors: [], truncated: false)
    }

    /// Writes a file, so that it is either the old one or wholly the new one, with that mode.
    package func upload(
        _ bytes: [UInt8],
        to path: String,
        mode: UInt16 = 0o644,
        within time: Duration = .seconds(60)
    ) throws(SSHError) {
        let target = Self.quote(path)
        let part = Self.quote(path + ".part")
        let octal = String(mode, radix: 8)
        let script = "umask 077 && cat > \(part) && chmod \(octal) \(part) && mv -f \(part) \(target)"
        let result = try run(script, input: bytes, within: time)
        guard result.succeeded else {
            throw SSHError(
                kind: .channel,
                code: 0,
                message: "status \(result.status): \(result.errorText)",
                action: "write \(path)",
                subject: endpoint.description
            )
        }
    }

    /// Logs out.
    ///
    /// The session cannot be used afterwards.
    package func close() {
        guard let transport else { return }
        self.transport = nil
        // A good-bye that does not arrive changes nothing: the socket is closed all the same.
        try? transport.disconnect(Deadline(.seconds(1), "disconnect", endpoint.description))
    }

    /// A text as one word of the shell.
    package static func quote(_ text: String) -> String {
        "'" + text.split(separator: "'", omittingEmptySubsequences: false).joined(separator: #"'\''"#) + "'"
    }

    private func execute(
        _ command: String,
        _ input: [UInt8],
        _ time: Duration,
        _ receive: (ArraySlice<UInt8>, _ isError: Bool) -> Void
    ) throws(SSHError) -> (status: Int32, signal: String?) {
        guard let transport else {
            throw SSHError(
                kind: .disconnected,
                code: 0,
                message: "the session is closed",
                action: "run",
                subject: endpoint.description
            )
        }
        let deadline = Deadline(time, "run", endpoint.description)
        do throws(SSHError) {
            let channel = try Channel(on: transport, deadline)
            try channel.start(command, deadline)
            try channel.exchange(input, deadline, receive)
            return try channel.end(deadline)
        } catch {
            // Half a message may be under way, so that nothing can follow it.
            if error.endsSession { self.transport = nil }
            throw error
        }
    }
}

/// The first bytes of a stream.
private struct Bounded {
    private let limit: Int
    private(set) var bytes: [UInt8] = []
    private(set) var truncated = false

    init(_ limit: Int) { self.limit = limit }

    mutating func append(_ more: ArraySlice<UInt8>) {
        truncated = truncated || more.count > limit - bytes.count
        bytes += more.prefix(limit - bytes.count)
    }
}
