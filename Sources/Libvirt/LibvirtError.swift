import Clibvirt

/// A call to libvirt that failed, with libvirt's own code, domain and words.
package struct LibvirtError: Error, Hashable, Sendable, CustomStringConvertible {
    /// What kind of failure it is: the number of libvirt's `virErrorNumber`.
    package struct Code: RawRepresentable, Hashable, Sendable {
        package let rawValue: Int32
        package init(rawValue: Int32) { self.rawValue = rawValue }
        private init(_ code: virErrorNumber) { self.init(rawValue: Int32(bitPattern: code.rawValue)) }

        package static let internalError = Code(VIR_ERR_INTERNAL_ERROR)
        package static let noConnection = Code(VIR_ERR_NO_CONNECT)
        package static let invalidConnection = Code(VIR_ERR_INVALID_CONN)
        package static let invalidArgument = Code(VIR_ERR_INVALID_ARG)
        package static let operationFailed = Code(VIR_ERR_OPERATION_FAILED)
        package static let operationInvalid = Code(VIR_ERR_OPERATION_INVALID)
        package static let operationTimedOut = Code(VIR_ERR_OPERATION_TIMEOUT)
        package static let operationUnsupported = Code(VIR_ERR_OPERATION_UNSUPPORTED)
        package static let configUnsupported = Code(VIR_ERR_CONFIG_UNSUPPORTED)
        package static let noSupport = Code(VIR_ERR_NO_SUPPORT)
        package static let noDomain = Code(VIR_ERR_NO_DOMAIN)
        package static let domainExists = Code(VIR_ERR_DOM_EXIST)
        package static let xml = Code(VIR_ERR_XML_ERROR)
        package static let rpc = Code(VIR_ERR_RPC)
        package static let system = Code(VIR_ERR_SYSTEM_ERROR)
    }

    package let code: Code
    /// Which part of libvirt failed: the number of its `virErrorDomain`.
    package let domain: Int32
    package let message: String
    /// The function that failed.
    package let call: String
    /// What it was called on, as people say it: `domain "ctl01"`.
    package let subject: String

    init(code: Code, domain: Int32, message: String, call: String, subject: String) {
        (self.code, self.domain, self.message) = (code, domain, message)
        (self.call, self.subject) = (call, subject)
    }

    /// The error of the call that has just failed on this thread.
    static func last(_ call: String, on subject: String) -> LibvirtError {
        guard let error = virGetLastError()?.pointee else {
            return LibvirtError(
                code: .internalError,
                domain: 0,
                message: "libvirt gave no reason",
                call: call,
                subject: subject
            )
        }
        return LibvirtError(
            code: Code(rawValue: error.code),
            domain: error.domain,
            message: error.message.map { String(cString: $0) } ?? "libvirt gave no reason",
            call: call,
            subject: subject
        )
    }

    static func notConnected(_ call: String, on subject: String) -> LibvirtError {
        LibvirtError(
            code: .invalidConnection,
            domain: Int32(bitPattern: VIR_FROM_RPC.rawValue),
            message: "there is no connection to libvirt",
            call: call,
            subject: subject
        )
    }

    /// Whether libvirt itself is out of reach, so that nothing is known of what was asked.
    package var connectionLost: Bool {
        [.noConnection, .invalidConnection, .rpc].contains(code)
            || domain == Int32(bitPattern: VIR_FROM_RPC.rawValue)
    }

    package var description: String {
        "\(subject): \(call) failed: \(message) (libvirt error \(code.rawValue), domain \(domain))"
    }
}
