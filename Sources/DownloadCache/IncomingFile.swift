import SystemPackage

/// What a recorder has in hand between the response's header and its end.
struct IncomingFile: Sendable {
    let path: FilePath
    let recording: Recording
    /// The names of the fields that the response varies with.
    let vary: [String]
}
