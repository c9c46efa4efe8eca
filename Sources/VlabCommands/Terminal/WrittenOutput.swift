import ArgumentParser
import Foundation
import Lab

/// What a command writes where somebody said.
package enum WrittenOutput {
    /// Ends the program with an error when what it printed cannot be written; a reader that has left wanted no more.
    package static func finish() {
        guard fflush(nil) != 0, errno != EPIPE else { return }
        let reason = unsafe String(cString: strerror(errno))
        Vlab.exit(
            withError: LabError(
                "standard output",
                "cannot be written: \(reason)",
                hint: "redirect it elsewhere"
            )
        )
    }

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
