import LabModel

/// Why there is no connection to the outside.
package enum UplinkError: Error, Hashable, Sendable, CustomStringConvertible {
    /// What the helper outside met with.
    package enum Failure: String, CaseIterable, Sendable {
        case nameNotFound = "name-not-found"
        case refused
        case timedOut = "timed-out"
        case unreachable
        /// The host's proxy did not let it through.
        case proxy
        /// More is being dialled already than the helper does at once.
        case busy
        case badRequest = "bad-request"
    }

    case failed(Failure, String)
    /// There is no helper (any more).
    case gone(String)
    case noAnswer(Duration)
    /// What came over the helper's socket is no answer.
    case malformed(String)
    /// The helper cannot listen.
    case cannotListen(path: String, reason: String)
    /// A setting that cannot be honoured.
    case setting(String, reason: String)
    case cancelled

    package var description: String {
        switch self {
        case .failed(_, let text): text
        case .gone(let reason):
            "the uplink's helper outside the lab does not run (\(reason)); start it with: vlab net LAB uplink record"
        case .noAnswer(let limit): "the uplink's helper gave no answer within \(limit.brief)"
        case .malformed(let reason): "the uplink's helper and the lab do not understand each other: \(reason)"
        case .cannotListen(let path, let reason): "uplink: cannot listen at \(path): \(reason)"
        case .setting(let name, let reason): "uplink: \(name): \(reason)"
        case .cancelled: "the connection is not wanted any more"
        }
    }

    /// Whether time ran out.
    package var isTimeout: Bool {
        switch self {
        case .failed(.timedOut, _), .noAnswer: true
        case .failed, .gone, .malformed, .cannotListen, .setting, .cancelled: false
        }
    }

    /// In one word, for events.
    package var kind: String {
        switch self {
        case .failed(let failure, _): failure.rawValue
        case .gone: "helper-gone"
        case .noAnswer: "helper-silent"
        case .malformed: "malformed"
        case .cannotListen: "cannot-listen"
        case .setting: "setting"
        case .cancelled: "cancelled"
        }
    }
}
