/// What the service answers.
package struct Answer: Hashable, Sendable {
    package var status: Int
    package var body: Body
    package var headers: [String: String]

    package enum Body: Hashable, Sendable {
        case none
        case json(JSON)
        /// As it is, with its media type.
        case text(String, type: String)
    }

    init(_ status: Int, _ body: Body = .none, headers: [String: String] = [:]) {
        (self.status, self.body, self.headers) = (status, body, headers)
    }

    /// Done, and nothing more to say.
    static let done = Answer(204)

    /// Done already: there was nothing to do.
    static let noOperation = Answer(200, .json(Failure.body([Message(.noOperation)])))
}
