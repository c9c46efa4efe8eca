import Foundation
import Lab

/// Files that a command writes where somebody said.
enum WrittenOutput {
    static func write(_ text: String, to path: String) throws {
        try telling(path) { try text.write(toFile: path, atomically: true, encoding: .utf8) }
    }

    static func makeFolder(_ path: String) throws {
        try telling(path) {
            try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
        }
    }

    private static func telling(_ path: String, _ body: () throws -> Void) throws {
        do {
            try body()
        } catch {
            throw LabError(path, "cannot be written: \(reason(error))", hint: "name another place")
        }
    }

    /// What the kernel said, without Foundation's wrapping.
    private static func reason(_ error: any Error) -> String {
        guard let inner = (error as? CocoaError)?.underlying as? POSIXError else {
            return error.localizedDescription
        }
        return unsafe String(cString: strerror(inner.code.rawValue))
    }
}
