import NIOCore
import NIOSSL

/// What one side tells the other when a handshake fails (RFC 8446 §6.2).
struct TLSAlert: RawRepresentable, Hashable, Sendable, CustomStringConvertible {
    let rawValue: UInt8

    static let handshakeFailure = TLSAlert(rawValue: 40)

    var description: String { Self.names[rawValue] ?? "alert \(rawValue)" }

    /// A record with the alert, fatal, as it is sent before anything is encrypted (RFC 8446 §5.1, §6).
    var record: ByteBuffer { ByteBuffer(bytes: [21, 3, 3, 0, 2, 2, rawValue]) }

    /// What who sends it did.
    var words: String {
        switch rawValue {
        case 42: "found the certificate bad"
        case 43: "cannot use such a certificate"
        case 44: "found the certificate revoked"
        case 45: "found the certificate expired"
        case 46: "did not accept the certificate"
        case 48: "does not trust the authority"
        case 70: "speaks no version of TLS that is offered"
        case 112: "does not know the server's name"
        default: "ended the handshake"
        }
    }

    private static let names: [UInt8: String] = [
        0: "close_notify", 10: "unexpected_message", 20: "bad_record_mac", 22: "record_overflow",
        40: "handshake_failure", 42: "bad_certificate", 43: "unsupported_certificate",
        44: "certificate_revoked", 45: "certificate_expired", 46: "certificate_unknown",
        47: "illegal_parameter", 48: "unknown_ca", 49: "access_denied", 50: "decode_error",
        51: "decrypt_error", 70: "protocol_version", 71: "insufficient_security", 80: "internal_error",
        86: "inappropriate_fallback", 90: "user_canceled", 109: "missing_extension",
        110: "unsupported_extension", 112: "unrecognized_name", 113: "bad_certificate_status_response",
        115: "unknown_psk_identity", 116: "certificate_required", 120: "no_application_protocol",
    ]
}

extension TLSAlert {
    /// The alert that the other side has sent; nil when the handshake failed for another reason.
    ///
    /// NIOSSL tells BoringSSL's packed error code in its description alone: the library in the upper eight bits (16 is
    /// SSL), the reason in the lower twelve, which is 1,000 and the alert for one that was received.
    init?(receivedIn error: BoringSSLInternalError) {
        let words = error.description.split(separator: " ")
        guard words.count > 1, let code = UInt32(words[1]), code >> 24 == 16,
            let alert = UInt8(exactly: Int(code & 0xFFF) - 1000)
        else { return nil }
        self.init(rawValue: alert)
    }
}
