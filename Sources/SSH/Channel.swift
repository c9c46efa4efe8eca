import Clibssh2

/// The one owner of a `LIBSSH2_CHANNEL`: one command.
struct Channel: ~Copyable {
    private let pointer: OpaquePointer
    private let transport: Transport

    init(on transport: Transport, _ deadline: Deadline) throws(SSHError) {
        self.transport = transport
        pointer = try transport.call("open a channel", .channel, deadline) {
            libssh2_channel_open_ex(
                transport.session,
                "session",
                7,
                // The sizes that libssh2's own macro has, which Swift does not see.
                2 << 20,
                32 << 10,
                nil,
                0
            )
        }
    }

    deinit {
        // Where it would have to wait the session has ended, and freeing that frees this too.
        libssh2_channel_free(pointer)
    }

    func start(_ command: String, _ deadline: Deadline) throws(SSHError) {
        try transport.call("run", .channel, deadline) {
            libssh2_channel_process_startup(pointer, "exec", 4, command, UInt32(command.utf8.count))
        }
    }

    /// Writes the input and reads both streams, until the command has closed both.
    func exchange(
        _ input: [UInt8],
        _ deadline: Deadline,
        _ receive: (ArraySlice<UInt8>, _ isError: Bool) -> Void
    ) throws(SSHError) {
        var written = 0
        var inputEnded = false
        var buffer = [UInt8](repeating: 0, count: 32 << 10)
        while true {
            var idle = true
            for stream in [Int32(0), SSH_EXTENDED_DATA_STDERR] {
                guard let count = try attempt("read", { read(stream, &buffer) }), count > 0 else { continue }
                receive(buffer[..<count], stream != 0)
                idle = false
            }
            if libssh2_channel_eof(pointer) != 0 { return }
            if written < input.count {
                if let count = try attempt("write", { write(input[written...]) }) {
                    // A command that closes its input early does not want the rest.
                    written = count < 0 ? input.count : written + count
                    idle = false
                }
            } else if !inputEnded {
                inputEnded = try attempt("end the input") { Int(libssh2_channel_send_eof(pointer)) } != nil
                if inputEnded { idle = false }
            }
            if idle {
                guard try transport.wait(deadline) else { throw deadline.timedOut }
            } else if deadline.passed {
                // A command that never stops writing must not outlive its time either.
                throw deadline.timedOut
            }
        }
    }

    /// Closes the channel and reads how the command ended.
    func end(_ deadline: Deadline) throws(SSHError) -> (status: Int32, signal: String?) {
        try transport.call("close", .channel, deadline) { libssh2_channel_close(pointer) }
        try transport.call("close", .channel, deadline) { libssh2_channel_wait_closed(pointer) }
        var signal: UnsafeMutablePointer<CChar>?
        libssh2_channel_get_exit_signal(pointer, &signal, nil, nil, nil, nil, nil)
        guard let signal else { return (libssh2_channel_get_exit_status(pointer), nil) }
        defer { libssh2_free(transport.session, signal) }
        return (-1, String(cString: signal))
    }

    /// One call that need not succeed yet: nil if it would block, -1 if the command has closed its end.
    private func attempt(_ action: String, _ body: () -> Int) throws(SSHError) -> Int? {
        let result = body()
        switch Int32(truncatingIfNeeded: result) {
        case LIBSSH2_ERROR_EAGAIN: return nil
        case LIBSSH2_ERROR_CHANNEL_CLOSED, LIBSSH2_ERROR_CHANNEL_EOF_SENT: return -1
        case ..<0: throw transport.failure(action, .channel)
        default: return result
        }
    }

    private func read(_ stream: Int32, _ buffer: inout [UInt8]) -> Int {
        buffer.withUnsafeMutableBytes {
            libssh2_channel_read_ex(
                pointer,
                stream,
                $0.baseAddress?.assumingMemoryBound(to: CChar.self),
                $0.count
            )
        }
    }

    private func write(_ bytes: ArraySlice<UInt8>) -> Int {
        bytes.withUnsafeBytes {
            libssh2_channel_write_ex(
                pointer,
                0,
                $0.baseAddress?.assumingMemoryBound(to: CChar.self),
                $0.count
            )
        }
    }
}
