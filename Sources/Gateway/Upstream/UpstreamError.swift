import LabModel
import Uplink

/// Why a server outside gave no answer, or not all of one.
package enum UpstreamError: Error, Sendable, CustomStringConvertible {
    /// No connection could be made.
    case uplink(UplinkError)
    /// TLS with the server failed.
    case tls(String)
    /// The connection ended before the answer did.
    case brokenOff(String)
    /// Nothing came of the answer, or of its rest, for so long.
    case silent(Duration)
    /// What came is not HTTP.
    case malformed(String)
    /// The request's own body broke off.
    case requestBrokenOff

    package var description: String {
        switch self {
        case .uplink(let error): "\(error)"
        case .tls(let reason): "TLS: \(reason)"
        case .brokenOff(let reason): "the server's answer broke off: \(reason)"
        case .silent(let time): "the server has said nothing for \(Int(time.inSeconds))s"
        case .malformed(let reason): "the server's answer is no HTTP: \(reason)"
        case .requestBrokenOff: "the request broke off"
        }
    }

    /// Whether time ran out, which HTTP tells apart from the rest (RFC 9110 §15.6.5).
    var isTimeout: Bool {
        switch self {
        case .uplink(let error): error.isTimeout
        case .silent: true
        case .tls, .brokenOff, .malformed, .requestBrokenOff: false
        }
    }
}
