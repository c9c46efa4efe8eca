import Foundation

/// A key pair to log in with.
package struct SSHKey: Hashable, Sendable {
    /// The private half, as OpenSSH's or PEM text.
    package let privateKey: String
    /// The line for `authorized_keys`.
    package let publicKey: String

    package init(privateKey: String, publicKey: String) {
        (self.privateKey, self.publicKey) = (privateKey, publicKey)
    }

    /// Reads a private key and the `.pub` beside it.
    package init(contentsOf path: String) throws(SSHError) {
        do {
            privateKey = try String(contentsOfFile: path, encoding: .utf8)
            publicKey = try String(contentsOfFile: path + ".pub", encoding: .utf8)
                .trimmingCharacters(in: .whitespacesAndNewlines)
        } catch {
            throw Self.failure(.file, "read", path, "\(error)")
        }
    }

    /// Makes a new ed25519 pair in the files `path` and `path.pub`, or reads the pair that is there.
    package static func make(at path: String, comment: String = "vlab") async throws(SSHError) -> SSHKey {
        if !FileManager.default.fileExists(atPath: path) {
            let status = try await keygen(["-q", "-t", "ed25519", "-N", "", "-C", comment, "-f", path], path)
            guard status == 0 else {
                throw failure(.invalidKey, "ssh-keygen", path, "it ended with status \(status)")
            }
        }
        return try SSHKey(contentsOf: path)
    }

    private static func keygen(_ arguments: [String], _ path: String) async throws(SSHError) -> Int32 {
        let process = Process()
        process.executableURL = URL(filePath: "/usr/bin/ssh-keygen")
        process.arguments = arguments
        process.standardInput = FileHandle.nullDevice
        process.standardOutput = FileHandle.nullDevice
        let result: Result<Int32, any Error> = await withCheckedContinuation { continuation in
            process.terminationHandler = { continuation.resume(returning: .success($0.terminationStatus)) }
            do { try process.run() } catch {
                process.terminationHandler = nil
                continuation.resume(returning: .failure(error))
            }
        }
        do { return try result.get() } catch { throw failure(.invalidKey, "ssh-keygen", path, "\(error)") }
    }

    private static func failure(
        _ kind: SSHError.Kind,
        _ action: String,
        _ path: String,
        _ why: String
    )
        -> SSHError
    {
        SSHError(kind: kind, code: 0, message: why, action: action, subject: path)
    }
}
