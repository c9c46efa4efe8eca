/// A command that ended with anything but success.
struct CompletionFailure: Error, Hashable, Sendable {
    var code: CompletionCode
    init(_ code: CompletionCode) { self.code = code }
}
