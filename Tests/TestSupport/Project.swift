import Foundation

/// The project's own files, and what was built from them.
package enum Project {
    /// The folder with Package.swift.
    package static let folder = URL(fileURLWithPath: #filePath)
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent().path

    /// A program of the project's; it lies beside the program that runs the tests.
    package static func program(_ name: String) throws -> String {
        let own = URL(fileURLWithPath: "/proc/self/exe").resolvingSymlinksInPath()
        let path = own.deletingLastPathComponent().appendingPathComponent(name).path
        guard FileManager.default.isExecutableFile(atPath: path) else {
            throw CocoaError(
                .fileNoSuchFile,
                userInfo: [
                    NSLocalizedDescriptionKey: "\(path) is not there; run: swift build --product \(name)"
                ]
            )
        }
        return path
    }
}
