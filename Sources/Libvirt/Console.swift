import Clibvirt
import Dispatch
import Synchronization

/// A guest's serial port, both ways.
///
/// It lives through resets of the machine, and ends when QEMU or libvirtd does.
package final class Console: Sendable {
    /// What the guest writes, for one reader.
    ///
    /// If it reads too slowly the oldest pieces go; the log has them all.
    package let output: AsyncStream<[UInt8]>
    private let stream: ConsoleStream

    fileprivate init(_ stream: ConsoleStream, _ output: AsyncStream<[UInt8]>) {
        (self.stream, self.output) = (stream, output)
    }

    /// Types at the guest.
    ///
    /// Returns at once: what the port does not take yet is sent when it does.
    package func send(_ bytes: [UInt8]) throws(LibvirtError) { try stream.send(bytes) }

    package func send(_ text: String) throws(LibvirtError) { try send(Array(text.utf8)) }

    package func close() { stream.close() }

    deinit { stream.close() }
}

extension Domain {
    /// Opens the serial port of a running domain, taking it away from whoever had it.
    package func openConsole() throws(LibvirtError) -> Console {
        let handle = try handle(for: "virDomainOpenConsole")
        let (output, continuation) = AsyncStream.makeStream(
            of: [UInt8].self,
            bufferingPolicy: .bufferingNewest(4096)
        )
        let stream = try ConsoleStream(
            subject: "the console of \(handle.subject)",
            on: connection(for: "virStreamNew"),
            output: continuation
        )
        try handle.call("virDomainOpenConsole") {
            virDomainOpenConsole($0, nil, stream.pointer, VIR_DOMAIN_CONSOLE_FORCE.rawValue)
        }
        try stream.listen()
        return Console(stream, output)
    }
}

/// The consoles that are open on a connection, because libvirt does not tell a stream that its connection broke.
final class OpenConsoles: Sendable {
    /// Nil once the connection has ended.
    private let streams = Mutex<[ObjectIdentifier: ConsoleStream]?>([:])

    /// False when the connection has ended meanwhile: nobody would close it any more.
    fileprivate func add(_ stream: ConsoleStream) -> Bool {
        streams.withLock { streams in
            streams?[ObjectIdentifier(stream)] = stream
            return streams != nil
        }
    }

    fileprivate func remove(_ stream: ConsoleStream) {
        _ = streams.withLock { $0?.removeValue(forKey: ObjectIdentifier(stream)) }
    }

    /// Ends them all, and those that are just being opened.
    func closeAll() {
        for stream in streams.withLock({ $0.take() })?.values.map(\.self) ?? [] { stream.close() }
    }
}

/// The one owner of a console's `virStreamPtr`.
// SAFETY: libvirt's streams may be used by several threads at once; what else changes is behind the mutex.
final class ConsoleStream: @unchecked Sendable {
    private struct State {
        var listening = false
        var closed = false
        /// What the guest has not taken yet.
        var pending: [UInt8] = []
    }

    let pointer: virStreamPtr
    /// A stream does not keep its connection open by itself.
    private let connection: Connection
    private let subject: String
    private let output: AsyncStream<[UInt8]>.Continuation
    private let state = Mutex(State())
    /// More than a person types: a paste that a hung guest does not read.
    private static let limit = 1 << 20
    /// Where streams are ended: it waits for libvirtd's answer, and must not hold up the event loop.
    private static let endings = DispatchQueue(label: "vlab.libvirt.consoles")

    init(
        subject: String,
        on connection: Connection,
        output: AsyncStream<[UInt8]>.Continuation
    ) throws(LibvirtError) {
        guard let pointer = virStreamNew(connection.pointer, VIR_STREAM_NONBLOCK.rawValue) else {
            throw .last("virStreamNew", on: subject)
        }
        (self.pointer, self.connection) = (pointer, connection)
        (self.subject, self.output) = (subject, output)
    }

    deinit {
        output.finish()
        virStreamFree(pointer)
    }

    /// Has libvirt's event loop call ``ready(_:)``; libvirt holds this object until ``close()``.
    func listen() throws(LibvirtError) {
        let opaque = Unmanaged.passRetained(self).toOpaque()
        state.withLock { $0.listening = true }
        let result = virStreamEventAddCallback(
            pointer,
            Self.readable,
            { _, events, opaque in
                guard let opaque else { return }
                Unmanaged<ConsoleStream>.fromOpaque(opaque).takeUnretainedValue().ready(events)
            },
            opaque,
            { opaque in if let opaque { Unmanaged<ConsoleStream>.fromOpaque(opaque).release() } }
        )
        guard result == 0 else {
            let error = LibvirtError.last("virStreamEventAddCallback", on: subject)
            Unmanaged<ConsoleStream>.fromOpaque(opaque).release()
            state.withLock { $0.listening = false }
            close()
            throw error
        }
        guard connection.consoles.add(self) else {
            close()
            throw .notConnected("virStreamEventAddCallback", on: subject)
        }
    }

    func send(_ bytes: [UInt8]) throws(LibvirtError) {
        let failure: LibvirtError? = state.withLock { state in
            guard !state.closed else {
                return .notConnected("virStreamSend", on: subject)
            }
            guard state.pending.count + bytes.count <= Self.limit else {
                return LibvirtError(
                    code: .operationFailed,
                    domain: Int32(bitPattern: VIR_FROM_STREAMS.rawValue),
                    message: "the guest does not read what it was sent",
                    call: "virStreamSend",
                    subject: subject
                )
            }
            state.pending += bytes
            return flush(&state)
        }
        if let failure { throw failure }
    }

    /// Ends the stream and the output.
    ///
    /// May be called more than once and from any thread.
    func close() {
        let (first, listening) = state.withLock { state in
            defer { (state.closed, state.listening) = (true, false) }
            return (!state.closed, state.listening)
        }
        guard first else { return }
        connection.consoles.remove(self)
        output.finish()
        Self.endings.async { [self] in
            if listening { virStreamEventRemoveCallback(pointer) }
            // Its result says only whether the other end was still there.
            virStreamAbort(pointer)
        }
    }

    private static let readable =
        Int32(
            bitPattern: VIR_STREAM_EVENT_READABLE.rawValue | VIR_STREAM_EVENT_HANGUP.rawValue
                | VIR_STREAM_EVENT_ERROR.rawValue
        )
    private static let writable = Int32(bitPattern: VIR_STREAM_EVENT_WRITABLE.rawValue)

    /// Writes what the port takes and asks to be called for the rest.
    private func flush(_ state: inout State) -> LibvirtError? {
        while !state.pending.isEmpty {
            let sent = state.pending.prefix(16 << 10).withUnsafeBytes { bytes in
                virStreamSend(pointer, bytes.baseAddress?.assumingMemoryBound(to: CChar.self), bytes.count)
            }
            if sent == -2 { break }
            guard sent >= 0 else { return .last("virStreamSend", on: subject) }
            state.pending.removeFirst(Int(sent))
        }
        let events = state.pending.isEmpty ? Self.readable : Self.readable | Self.writable
        guard virStreamEventUpdateCallback(pointer, events) == 0 else {
            return .last("virStreamEventUpdateCallback", on: subject)
        }
        return nil
    }

    /// Called on the event loop's thread.
    private func ready(_ events: Int32) {
        if events & Self.writable != 0 {
            let failure = state.withLock { $0.closed ? nil : flush(&$0) }
            guard failure == nil else { return close() }
        }
        guard events & Self.readable != 0 else { return }
        var buffer = [CChar](repeating: 0, count: 4096)
        // Bounded, so that one guest that never stops writing does not keep the others from being heard.
        for _ in 0..<16 {
            let count = virStreamRecv(pointer, &buffer, buffer.count)
            if count == -2 { return }
            guard count > 0 else { return close() }
            output.yield(buffer.prefix(Int(count)).map { UInt8(bitPattern: $0) })
        }
    }
}
