import Glibc

extension SandboxError {
    /// The C library's words for an error number.
    static func text(of number: Int32) -> String {
        guard let words = unsafe strerror(number) else { return "error \(number)" }
        return unsafe String(cString: words)
    }

    /// The error of a system call that has just failed.
    static func last(_ call: String, on subject: String) -> SandboxError {
        .system(call: call, subject: subject, errno: errno)
    }
}
