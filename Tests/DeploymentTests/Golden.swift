import Foundation
import Testing

/// A text that must be what a file of the fixtures says; `VLAB_UPDATE=1` rewrites the file.
func expectGolden(_ text: String, _ name: String, sourceLocation: SourceLocation = #_sourceLocation) throws {
    let path = Scratch.fixture(name)
    if ProcessInfo.processInfo.environment["VLAB_UPDATE"] == "1" {
        try text.write(toFile: path, atomically: true, encoding: .utf8)
    }
    #expect(
        text == (try String(contentsOfFile: path, encoding: .utf8)),
        "\(name)",
        sourceLocation: sourceLocation
    )
}
