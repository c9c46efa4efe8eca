import Glibc
import LabModel
import NIOCore

/// Tells clients the host's time (RFC 5905 §9.2, procedure `fast_xmit`); a value: a packet in, a packet out.
struct NTPServer: Sendable {
    /// What to do with a packet that came in.
    enum Action: Hashable, Sendable {
        case reply(NTPPacket)
        case drop(reason: String)
    }

    /// Set by `fast_xmit`; 2^-20 s is about what the host's clock resolves.
    private static let precision: Int8 = -20

    func answer(_ packet: ByteBuffer, now: () -> NTPTimestamp = NTPTimestamp.now) -> Action {
        let received = now()
        guard let request = NTPPacket(packet) else { return .drop(reason: "shorter than 48 bytes") }
        guard (1...4).contains(request.version) else { return .drop(reason: "version \(request.version)") }
        // NTPv1 had no modes: its clients send zeros there (RFC 5905 §7.3, mode 0).
        guard request.mode == .client || (request.version == 1 && request.mode == .reserved) else {
            return .drop(reason: "mode \(request.mode.rawValue) is not a client's")
        }
        var reply = NTPPacket(version: request.version, mode: .server)
        reply.stratum = 2
        reply.poll = request.poll
        reply.precision = Self.precision
        // 1 ms each, in 16.16 fixed point: zero would claim to be the reference clock itself.
        (reply.rootDelay, reply.rootDispersion) = (66, 66)
        // A server's reference is the address of its own server: one of the lab's that no client has.
        reply.reference = IPv4Address(bits: OutsideNames.network.base.bits + 123)
        // The clock was last set at the start of this 64 s interval, as far as the client needs to know.
        reply.referenceTime = NTPTimestamp(bits: received.bits & ~((64 << 32) - 1))
        reply.originTime = request.transmitTime
        reply.receiveTime = received
        reply.transmitTime = now()
        return .reply(reply)
    }
}

extension NTPTimestamp {
    /// The host's real time.
    static func now() -> NTPTimestamp {
        var time = timespec()
        clock_gettime(CLOCK_REALTIME, &time)
        return NTPTimestamp(seconds: Int64(time.tv_sec), nanoseconds: Int64(time.tv_nsec))
    }

    /// From Unix time; era 1 begins by itself in 2036 (RFC 5905 §6).
    init(seconds: Int64, nanoseconds: Int64) {
        let since1900 = UInt64(truncatingIfNeeded: seconds + 2_208_988_800) & 0xFFFF_FFFF
        bits = since1900 << 32 | (UInt64(nanoseconds) << 32) / 1_000_000_000
    }
}
