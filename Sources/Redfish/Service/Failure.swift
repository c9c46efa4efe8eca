/// Why a request was not carried out: the status, and the messages that say it to people and programs.
struct Failure: Error, Hashable {
    var status: Int
    var messages: [Message]
    var headers: [String: String] = [:]

    init(_ status: Int, _ messages: [Message], headers: [String: String] = [:]) {
        (self.status, self.messages, self.headers) = (status, messages, headers)
    }

    init(_ status: Int, _ kind: Message.Kind) { self.init(status, [Message(kind)]) }

    static func notFound(_ path: String) -> Failure { Failure(404, [Message(.resourceMissingAtURI, path)]) }

    /// What a BMC that misbehaves answers, though nothing is wrong.
    static func twisted(_ status: Int) -> Failure {
        switch status {
        case 401: .unauthorized
        case 503: .unavailable(retryIn: 5)
        default:
            Failure(status, [Message(.generalError)], headers: status == 429 ? ["Retry-After": "5"] : [:])
        }
    }

    static func unavailable(retryIn seconds: Int) -> Failure {
        Failure(
            503,
            [Message(.serviceTemporarilyUnavailable, "\(seconds)")],
            headers: ["Retry-After": "\(seconds)"]
        )
    }

    var answer: Answer {
        Answer(status, .json(Self.body(messages)), headers: headers)
    }

    /// DSP0266, error responses.
    static func body(_ messages: [Message]) -> JSON {
        let first = messages.first ?? Message(.generalError)
        let sole = messages.count == 1 ? first : Message(.generalError)
        return [
            "error": [
                "code": .string(sole.id),
                "message": .string(sole.text),
                "@Message.ExtendedInfo": .array(messages.map(\.json)),
            ]
        ]
    }
}
