/// What a deployment needs from the mirrors.
package protocol FileSource: Sendable {
    /// One try to fetch a file; with `resume`, goes on behind what the file at `path` holds already.
    func fetch(_ url: String, to path: String, resume: Bool, rules: DownloadRules) async throws
}
