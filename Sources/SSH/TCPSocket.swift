import Glibc

/// The one owner of a connected TCP socket that does not block.
struct TCPSocket: ~Copyable {
    let descriptor: Int32

    /// Connects to the first address of the host that answers before the deadline.
    ///
    /// Looking up a name has limits of its own (resolv.conf); an address needs no looking up.
    init(to endpoint: SSHEndpoint, deadline: Deadline) throws(SSHError) {
        func failure(_ kind: SSHError.Kind, _ code: Int32, _ why: UnsafePointer<CChar>) -> SSHError {
            SSHError(
                kind: kind,
                code: code,
                message: String(cString: why),
                action: "connect",
                subject: endpoint.description
            )
        }
        var hints = addrinfo()
        hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
        var found: UnsafeMutablePointer<addrinfo>?
        let result = getaddrinfo(endpoint.host, "\(endpoint.port)", &hints, &found)
        guard result == 0 else { throw failure(.unknownHost, result, gai_strerror(result)) }
        defer { freeaddrinfo(found) }
        var last = failure(.unknownHost, 0, "it has no address")
        var next = found
        while let address = next {
            do throws(SSHError) {
                descriptor = try Self.connect(address.pointee, deadline, failure)
                return
            } catch {
                last = error
            }
            next = address.pointee.ai_next
        }
        throw last
    }

    deinit { close(descriptor) }

    private static func connect(
        _ address: addrinfo,
        _ deadline: Deadline,
        _ failure: (SSHError.Kind, Int32, UnsafePointer<CChar>) -> SSHError
    ) throws(SSHError) -> Int32 {
        func error(_ code: Int32) -> SSHError {
            switch code {
            case ECONNREFUSED: failure(.refused, code, strerror(code))
            case ETIMEDOUT: failure(.timedOut, code, strerror(code))
            default: failure(.unreachable, code, strerror(code))
            }
        }
        let type = Int32(SOCK_STREAM.rawValue | SOCK_NONBLOCK.rawValue | SOCK_CLOEXEC.rawValue)
        let descriptor = socket(address.ai_family, type, 0)
        guard descriptor >= 0 else { throw error(errno) }
        do throws(SSHError) {
            if Glibc.connect(descriptor, address.ai_addr, address.ai_addrlen) != 0 {
                guard errno == EINPROGRESS else { throw error(errno) }
                guard try deadline.wait(for: descriptor, events: Int32(POLLOUT)) else {
                    throw failure(.timedOut, ETIMEDOUT, strerror(ETIMEDOUT))
                }
                var (code, length) = (Int32(0), socklen_t(MemoryLayout<Int32>.size))
                getsockopt(descriptor, SOL_SOCKET, SO_ERROR, &code, &length)
                guard code == 0 else { throw error(code) }
            }
            return descriptor
        } catch {
            close(descriptor)
            throw error
        }
    }

    /// Has the kernel give the connection up when the other side has been silent for that long (tcp(7)).
    func giveUp(afterSilence limit: Duration) {
        let milliseconds = Int32(max(1000, min(limit / .milliseconds(1), 1e9)))
        // Asked every third of the time whether it still lives.
        let interval = max(1, milliseconds / 3000)
        set(IPPROTO_TCP, TCP_USER_TIMEOUT, milliseconds)
        set(SOL_SOCKET, SO_KEEPALIVE, 1)
        set(IPPROTO_TCP, TCP_KEEPIDLE, interval)
        set(IPPROTO_TCP, TCP_KEEPINTVL, interval)
        set(IPPROTO_TCP, TCP_KEEPCNT, 3)
        // Commands are small and each is waited for.
        set(IPPROTO_TCP, TCP_NODELAY, 1)
    }

    private func set(_ level: some BinaryInteger, _ option: Int32, _ value: Int32) {
        var value = value
        setsockopt(descriptor, Int32(level), option, &value, socklen_t(MemoryLayout<Int32>.size))
    }
}
