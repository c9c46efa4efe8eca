import Foundation

/// What a real client left behind.
struct Finished: Sendable {
    /// The exit status, or 128 and the signal, as a shell has it.
    let status: Int32
    let output: Data
    let errors: String
    var text: String { String(decoding: output, as: UTF8.self) }
}

/// Runs a command to its end, on a thread of its own.
///
/// Not by Foundation's `Process`, which takes a program for running as long as any child of its lives.
func shell(_ command: String, environment: [String: String] = [:]) async throws -> Finished {
    let folder = try TemporaryFolder()
    return try await withCheckedThrowingContinuation { continuation in
        Thread {
            continuation.resume(with: Result { try runShell(command, environment, in: folder) })
        }.start()
    }
}

private func runShell(
    _ command: String,
    _ added: [String: String],
    in folder: TemporaryFolder
) throws -> Finished {
    var files = posix_spawn_file_actions_t()
    posix_spawn_file_actions_init(&files)
    defer { posix_spawn_file_actions_destroy(&files) }
    posix_spawn_file_actions_addopen(&files, 0, "/dev/null", O_RDONLY, 0)
    posix_spawn_file_actions_addopen(&files, 1, folder.path + "/output", O_WRONLY | O_CREAT, 0o600)
    posix_spawn_file_actions_addopen(&files, 2, folder.path + "/errors", O_WRONLY | O_CREAT, 0o600)
    // Swift's threads block signals, and a child that inherited that could not be asked to stop.
    var attributes = posix_spawnattr_t()
    posix_spawnattr_init(&attributes)
    defer { posix_spawnattr_destroy(&attributes) }
    var none = sigset_t()
    sigemptyset(&none)
    posix_spawnattr_setsigmask(&attributes, &none)
    posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETSIGMASK))
    let environment = ProcessInfo.processInfo.environment.merging(added) { $1 }
    var arguments = ["sh", "-c", command].map { (text: String) in strdup(text) } + [nil]
    var variables = environment.map { strdup("\($0.key)=\($0.value)") } + [nil]
    defer { for text in arguments + variables { free(text) } }
    var child = pid_t()
    let failure = posix_spawn(&child, "/bin/sh", &files, &attributes, &arguments, &variables)
    guard failure == 0 else { throw POSIXError(POSIXErrorCode(rawValue: failure) ?? .EINVAL) }
    var status: Int32 = 0
    while waitpid(child, &status, 0) < 0 && errno == EINTR {}
    let signal = status & 0x7F
    return Finished(
        status: signal == 0 ? status >> 8 & 0xFF : 128 + signal,
        output: try folder.read("output"),
        errors: String(decoding: try folder.read("errors"), as: UTF8.self)
    )
}
