import Foundation
import LabModel

/// A file of text, read whole, from a disk or a pipe; or why it cannot be.
package enum TextFile {
    private static let mark: [UInt8] = [0xEF, 0xBB, 0xBF]

    /// The text of a file in UTF-8.
    package static func text(contentsOf path: String) throws(Diagnostics) -> String {
        let limit = YAMLDocument.Limits().bytes
        let bytes = try checked(bytes(contentsOf: path, upTo: limit), file: path, upTo: limit)
        guard let text = String(validating: bytes, as: UTF8.self) else {
            let hint = "save it as such, or name another"
            throw YAMLDocument.failure(
                "the file is no text in UTF-8",
                file: path,
                hint: hint,
                rule: .unreadable
            )
        }
        return text
    }

    /// A byte more than `limit` at most, which is enough to see that there are too many.
    static func bytes(contentsOf path: String, upTo limit: Int) throws(Diagnostics) -> [UInt8] {
        var data = Data()
        do {
            // A pipe has no size to go by, and a device no end.
            let file = try FileHandle(forReadingFrom: URL(fileURLWithPath: path))
            while data.count <= limit, let more = try file.read(upToCount: limit + 1 - data.count),
                !more.isEmpty
            {
                data += more
            }
        } catch {
            var isFolder: ObjCBool = false
            let exists = FileManager.default.fileExists(atPath: path, isDirectory: &isFolder)
            let reason = exists ? isFolder.boolValue ? "is a folder" : "is not readable" : "does not exist"
            let hint =
                exists ? isFolder.boolValue ? "name a file in it" : "check its permissions" : "check the path"
            throw YAMLDocument.failure("the file \(reason)", file: path, hint: hint, rule: .unreadable)
        }
        return Array(data)
    }

    /// Without what some editors put before UTF-8: it is no part of the text, and takes no column.
    static func checked(
        _ bytes: [UInt8],
        file: String,
        upTo limit: Int
    ) throws(Diagnostics) -> [UInt8] {
        guard bytes.count <= limit else {
            let hint = "is it the right one?"
            throw YAMLDocument.failure("the file is larger than \(limit >> 20) MiB", file: file, hint: hint)
        }
        return bytes.starts(with: mark) ? Array(bytes.dropFirst(mark.count)) : bytes
    }
}
