import Foundation

/// A folder of its own for one test, removed at its end.
package func withScratchFolder<Result>(_ body: (String) async throws -> Result) async throws -> Result {
    let folder = FileManager.default.temporaryDirectory.appendingPathComponent("vlab-\(UUID().uuidString)")
        .path
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    // What cannot be removed is left to the system's own clean-up of temporary files.
    defer { try? FileManager.default.removeItem(atPath: folder) }
    return try await body(folder)
}
