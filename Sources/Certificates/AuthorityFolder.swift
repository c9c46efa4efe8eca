import Foundation
import SystemPackage

/// Where a user's one authority is kept: made by the first lab that asks, the same for all of them.
package struct AuthorityFolder: Sendable, Hashable {
    package let path: String
    /// What clients need to trust the authority; for everybody to read.
    package var certificate: String { "\(path)/ca.pem" }
    /// Certificate and key in one file, so that one rename makes both.
    var secret: String { "\(path)/authority.pem" }

    package init(path: String) { self.path = path }

    /// The authority, made if there is none yet; several processes may ask at once.
    package func authority(now: Date = Date()) throws(CertificateError) -> CertificateAuthority {
        try attempt("make the folder", path) {
            try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
        }
        // The kernel gives the lock up with the descriptor, and that with the process.
        let lock = try open("\(path)/.lock", [.create])
        defer {
            // Nothing was written to it.
            try? lock.close()
        }
        try attempt("lock", "\(path)/.lock") {
            guard flock(lock.rawValue, LOCK_EX) == 0 else { throw Errno(rawValue: errno) }
        }
        let authority = if let kept = try kept(now) { kept } else { try made(now) }
        try show(authority)
        return authority
    }

    /// Nil when none is kept.
    private func kept(_ now: Date) throws(CertificateError) -> CertificateAuthority? {
        guard FileManager.default.fileExists(atPath: secret) else { return nil }
        let mode = try attempt("look at", secret) {
            try FileManager.default.attributesOfItem(atPath: secret)[.posixPermissions] as? NSNumber
        }
        if let mode, mode.intValue & 0o077 != 0 { throw .exposed(path: secret, mode: mode.intValue) }
        let text = try attempt("read", secret) { try String(contentsOfFile: secret, encoding: .utf8) }
        let authority: CertificateAuthority
        do {
            authority = try CertificateAuthority(secret: text)
        } catch {
            throw .damaged(path: secret, reason: error.reason)
        }
        guard now < authority.end else { throw .expired(path: secret, end: authority.end) }
        return authority
    }

    private func made(_ now: Date) throws(CertificateError) -> CertificateAuthority {
        let authority = try CertificateAuthority(named: "vlab's certificate authority", now: now)
        try replace(secret, with: authority.secret, permissions: .ownerReadWrite)
        return authority
    }

    /// Beside the secret, and again if somebody has removed or changed it.
    private func show(_ authority: CertificateAuthority) throws(CertificateError) {
        // Whatever cannot be read is written anew.
        let shown = try? String(contentsOfFile: certificate, encoding: .utf8)
        guard shown != authority.certificate else { return }
        let forAll: FilePermissions = [.ownerReadWrite, .groupRead, .otherRead]
        try replace(certificate, with: authority.certificate, permissions: forAll)
    }

    /// All of it or nothing, whenever the process is killed: the lock's holder alone writes here.
    private func replace(
        _ target: String,
        with text: String,
        permissions: FilePermissions
    ) throws(CertificateError) {
        let draft = "\(target).new"
        // What a killed process left, perhaps with other permissions.
        try? FileManager.default.removeItem(atPath: draft)
        let file = try open(draft, [.create, .exclusiveCreate], permissions)
        try attempt("write", draft) {
            try file.closeAfter {
                try file.writeAll(text.utf8)
                guard fsync(file.rawValue) == 0 else { throw Errno(rawValue: errno) }
            }
        }
        try attempt("rename to \(target)", draft) {
            guard unsafe rename(draft, target) == 0 else { throw Errno(rawValue: errno) }
        }
    }

    private func open(
        _ path: String,
        _ options: FileDescriptor.OpenOptions,
        _ permissions: FilePermissions = .ownerReadWrite
    ) throws(CertificateError) -> FileDescriptor {
        try attempt("open", path) {
            try FileDescriptor.open(
                FilePath(path),
                .readWrite,
                options: options.union(.closeOnExec),
                permissions: permissions
            )
        }
    }

    @discardableResult
    private func attempt<Result>(
        _ action: String,
        _ path: String,
        _ body: () throws -> Result
    ) throws(CertificateError) -> Result {
        do {
            return try body()
        } catch let error as Errno {
            throw .fileSystem(action: action, path: path, reason: "\(error)")
        } catch {
            throw .fileSystem(action: action, path: path, reason: error.localizedDescription)
        }
    }
}
