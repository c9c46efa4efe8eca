import Foundation

/// Lines beside a command's output: progress and warnings, on standard error.
enum Notes {
    static func say(_ line: String) { FileHandle.standardError.write(Data((line + "\n").utf8)) }

    /// Progress of a lab or an image, under its name.
    static func progress(_ subject: String) -> @Sendable (String) -> Void {
        { line in say("\(subject): \(line)") }
    }
}
