/// How a step of a log-in ended (IPMI 2.0 §13.24, RMCP+ and RAKP message status codes).
package enum SessionStatus: UInt8, Error, Sendable {
    case success = 0x00
    case insufficientResources = 0x01
    case invalidSessionID = 0x02
    case invalidAuthenticationAlgorithm = 0x04
    case invalidIntegrityAlgorithm = 0x05
    case invalidRole = 0x09
    case unauthorizedRole = 0x0A
    case invalidNameLength = 0x0C
    case unauthorizedName = 0x0D
    case invalidIntegrityCheckValue = 0x0F
    case invalidConfidentialityAlgorithm = 0x10
    case noCipherSuiteMatch = 0x11
    case illegalParameter = 0x12
}
