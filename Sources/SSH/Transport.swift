import Clibssh2
import Foundation
import Glibc

/// The one owner of a `LIBSSH2_SESSION` and of the socket under it; belongs to one actor, whose queue it may block.
final class Transport {
    let session: OpaquePointer
    let endpoint: SSHEndpoint
    private let socket: TCPSocket

    /// Connects, checks the host's key and logs in.
    init(
        to endpoint: SSHEndpoint,
        key: SSHKey,
        hostKeys: HostKeyPolicy,
        silence: Duration,
        deadline: Deadline
    ) throws(SSHError) {
        self.endpoint = endpoint
        guard Self.ready else {
            throw Self.failure(.handshake, LIBSSH2_ERROR_ALLOC, "libssh2_init", endpoint)
        }
        socket = try TCPSocket(to: endpoint, deadline: deadline)
        guard let session = libssh2_session_init_ex(nil, nil, nil, nil) else {
            throw Self.failure(.handshake, LIBSSH2_ERROR_ALLOC, "libssh2_session_init", endpoint)
        }
        self.session = session
        socket.giveUp(afterSilence: silence)
        libssh2_session_set_blocking(session, 0)
        try call("handshake", .handshake, deadline) { libssh2_session_handshake(session, socket.descriptor) }
        try check(hostKeys)
        try call("log in", .authentication, deadline) {
            libssh2_userauth_publickey_frommemory(
                session,
                endpoint.user,
                endpoint.user.utf8.count,
                nil,
                0,
                key.privateKey,
                key.privateKey.utf8.count,
                nil
            )
        }
        // Only now: a message of that kind in the middle of the handshake would break it.
        libssh2_keepalive_config(session, 0, UInt32(max(2, silence / .seconds(3))))
    }

    deinit {
        // Without a socket nothing is left to wait for, so freeing cannot block.
        shutdown(socket.descriptor, Int32(SHUT_RDWR))
        var attempts = 100
        while attempts > 0, libssh2_session_free(session) == LIBSSH2_ERROR_EAGAIN { attempts -= 1 }
    }

    /// Says good-bye, for as long as the deadline lets it.
    func disconnect(_ deadline: Deadline) throws(SSHError) {
        try call("disconnect", .disconnected, deadline) {
            libssh2_session_disconnect_ex(session, SSH_DISCONNECT_BY_APPLICATION, "done", "")
        }
    }

    /// Makes a call of libssh2 until it does not ask to be called again, and throws what it says if negative.
    @discardableResult
    func call<Result: BinaryInteger>(
        _ action: String,
        _ kind: SSHError.Kind,
        _ deadline: Deadline,
        _ body: () -> Result
    ) throws(SSHError) -> Result {
        while true {
            let result = body()
            if result >= 0 { return result }
            guard result == LIBSSH2_ERROR_EAGAIN else { throw failure(action, kind) }
            guard try wait(deadline) else { throw deadline.timedOut }
        }
    }

    /// Makes a call of libssh2 that gives back a pointer.
    func call(
        _ action: String,
        _ kind: SSHError.Kind,
        _ deadline: Deadline,
        _ body: () -> OpaquePointer?
    )
        throws(SSHError) -> OpaquePointer
    {
        while true {
            if let pointer = body() { return pointer }
            guard libssh2_session_last_errno(session) == LIBSSH2_ERROR_EAGAIN else {
                throw failure(action, kind)
            }
            guard try wait(deadline) else { throw deadline.timedOut }
        }
    }

    /// Waits until libssh2 can go on, and keeps the connection alive meanwhile; false when the time is over.
    func wait(_ deadline: Deadline) throws(SSHError) -> Bool {
        let directions = libssh2_session_block_directions(session)
        var events = directions & LIBSSH2_SESSION_BLOCK_OUTBOUND != 0 ? Int32(POLLOUT) : 0
        if events == 0 || directions & LIBSSH2_SESSION_BLOCK_INBOUND != 0 { events |= Int32(POLLIN) }
        while !deadline.passed {
            var next = Int32(1)
            // Its failure shows in the next call, with its reason.
            libssh2_keepalive_send(session, &next)
            if try deadline.wait(for: socket.descriptor, events: events, atMost: .seconds(max(1, next))) {
                return true
            }
        }
        return false
    }

    /// The error of the last call, which is a lost connection whatever was tried if the socket is gone.
    func failure(_ action: String, _ kind: SSHError.Kind) -> SSHError {
        var text: UnsafeMutablePointer<CChar>?
        let code = libssh2_session_last_error(session, &text, nil, 0)
        let lost = [
            LIBSSH2_ERROR_SOCKET_DISCONNECT, LIBSSH2_ERROR_SOCKET_SEND, LIBSSH2_ERROR_SOCKET_RECV,
            LIBSSH2_ERROR_BANNER_RECV, LIBSSH2_ERROR_BANNER_SEND,
        ].contains(code)
        // The host says no with these two; with the others libssh2 does not get as far as asking.
        let denied = [LIBSSH2_ERROR_AUTHENTICATION_FAILED, LIBSSH2_ERROR_PUBLICKEY_UNVERIFIED].contains(code)
        return SSHError(
            kind: lost ? .disconnected : kind == .authentication && !denied ? .invalidKey : kind,
            code: code,
            message: text.map { String(cString: $0) } ?? "",
            action: action,
            subject: endpoint.description
        )
    }

    private func check(_ policy: HostKeyPolicy) throws(SSHError) {
        guard case .acceptNew(let known) = policy else { return }
        var (length, type) = (0, Int32(0))
        guard let bytes = libssh2_session_hostkey(session, &length, &type) else {
            throw failure("read the host's key", .handshake)
        }
        let blob = UnsafeRawBufferPointer(start: bytes, count: length)
        // A key begins with the length and the name of its type (RFC 4253 §6.6).
        let count = blob.prefix(4).reduce(0) { $0 << 8 | Int($1) }
        let name = String(decoding: blob.dropFirst(4).prefix(count), as: UTF8.self)
        guard try known.accepts("\(name) \(Data(blob).base64EncodedString())", from: endpoint) else {
            throw Self.failure(.hostKeyChanged, 0, "check the host's key", endpoint)
        }
    }

    private static func failure(
        _ kind: SSHError.Kind,
        _ code: Int32,
        _ action: String,
        _ endpoint: SSHEndpoint
    )
        -> SSHError
    {
        SSHError(kind: kind, code: code, message: "", action: action, subject: endpoint.description)
    }

    /// libssh2 wants to be set up once, before any session and not by two threads at once.
    private static let ready = libssh2_init(0) == 0
}
