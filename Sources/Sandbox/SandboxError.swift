/// Why a sandbox could not be made or entered.
package enum SandboxError: Error, CustomStringConvertible {
    /// An external program failed: its name, what it was to do, what it said.
    case program(String, doing: String, status: String, output: String)
    /// A program is not installed; the package that has it.
    case missing(program: String, package: String)
    /// A system call failed.
    case system(call: String, subject: String, errno: Int32)
    /// A file could not be read or written.
    case file(String, path: String, why: String)
    /// A wait ran into its limit.
    case timeout(String, hint: String)
    /// The pod asks for something that the host cannot give.
    case unsupported(String)

    package var description: String {
        switch self {
        case .program(let name, let task, let status, let output):
            "cannot \(task): \(name) \(status): \(output.isEmpty ? "it printed nothing" : output)"
        case .missing(let program, let package):
            "\(program) is not installed; run: apt-get install \(package)"
        case .system(let call, let subject, let errno):
            "\(subject): \(call) failed: \(SandboxError.text(of: errno))"
        case .file(let task, let path, let why): "\(path): cannot \(task) it: \(why)"
        case .timeout(let what, let hint): "\(what): no answer in time; \(hint)"
        case .unsupported(let what): what
        }
    }
}
